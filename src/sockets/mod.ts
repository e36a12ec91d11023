/** @module Syslog and GELF over sockets: what listens, and who may send. */
export { type ListenAddress, parseListenAddresses } from "./address.ts";
export { openSocketServer, type SocketServer, type SocketServerOptions } from "./server.ts";
export { SourceList } from "./source_list.ts";
export type { TlsFiles } from "./tls_listener.ts";
