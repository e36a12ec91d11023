"""What Log Sentinel began as, an exercise in Flask and SQLite: one commit a request, no index.

Kept to be measured beside it: python3 flask_server.py DATABASE TOKEN
"""

import datetime
import logging
import sqlite3
import sys

from flask import Flask, jsonify, request
from werkzeug.serving import make_server

DATABASE, TOKEN = sys.argv[1:]
FIELDS = ("timestamp", "service", "severity", "message")
FILTERS = {
    "service": "service = ?",
    "severity": "severity = ?",
    "timestamp_start": "timestamp >= ?",
    "timestamp_end": "timestamp <= ?",
    "q": "message LIKE '%' || ? || '%'",
}

app = Flask(__name__)


def connect():
    connection = sqlite3.connect(DATABASE, timeout=30)
    connection.row_factory = sqlite3.Row
    return connection


def answer(sql, values=()):
    connection = connect()
    try:
        return jsonify([dict(row) for row in connection.execute(sql, values)])
    finally:
        connection.close()


@app.before_request
def authorize():
    if request.headers.get("Authorization") != f"Token {TOKEN}":
        return jsonify(error="unauthorized"), 401


@app.post("/logs")
def receive():
    body = request.get_json(silent=True)
    records = body if isinstance(body, list) else [body]
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    rows = []
    for record in records:
        if not isinstance(record, dict) or any(not isinstance(record.get(name), str) for name in FIELDS):
            return jsonify(error="not a record"), 400
        rows.append((*(record[name] for name in FIELDS), now))
    connection = connect()
    try:
        connection.executemany(
            "INSERT INTO logs (timestamp, service, severity, message, received_at) VALUES (?, ?, ?, ?, ?)", rows
        )
        connection.commit()
    finally:
        connection.close()
    return jsonify(accepted=len(rows)), 201


@app.get("/logs")
def find():
    given = [name for name in FILTERS if request.args.get(name)]
    where = " AND ".join(FILTERS[name] for name in given) or "TRUE"
    values = [request.args[name] for name in given] + [int(request.args.get("limit", 1000))]
    return answer(f"SELECT * FROM logs WHERE {where} ORDER BY timestamp DESC LIMIT ?", values)


@app.get("/stats")
def stats():
    return answer("SELECT service, severity, COUNT(*) AS count FROM logs GROUP BY service, severity")


def create():
    connection = connect()
    connection.execute(
        "CREATE TABLE IF NOT EXISTS logs (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT, service TEXT,"
        " severity TEXT, message TEXT, received_at TEXT)"
    )
    connection.commit()
    connection.close()


create()
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server("127.0.0.1", 0, app, threaded=True)
print(f"Flask is listening on http://127.0.0.1:{server.port}", flush=True)
server.serve_forever()
