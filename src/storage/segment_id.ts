/** @module Segments' ids: unique among all servers of a database, ascending with the publications that wrote them. */

import { filterRange, type KeyRange, segmentRange } from "./keys.ts";

/** Segments that one publication may write. */
export const PUBLISHED_SEGMENTS_MAX = 65_536;

/** Servers that may share a database. */
const NODES_MAX = 32;

/** The id of segment `number`, from 0 on, of a node's publication of a version. */
export function segmentId(version: number, number: number, node: number): number {
  return (version * PUBLISHED_SEGMENTS_MAX + number) * NODES_MAX + node;
}

/** The version with which a segment was published. */
export function versionOfSegment(id: number): number {
  return Math.floor(id / (PUBLISHED_SEGMENTS_MAX * NODES_MAX));
}

/** The server that wrote a segment. */
export function nodeOfSegment(id: number): number {
  return id % NODES_MAX;
}

/** Everything of segments, and of their filters, that were written for this version or a later one. */
export function rangesFrom(version: number): KeyRange[] {
  const first = segmentId(version, 0, 0);
  return [segmentRange(first), filterRange(first)].map(({ start, end }) => ({
    start,
    end: [...end.slice(0, 2), Infinity],
  }));
}
