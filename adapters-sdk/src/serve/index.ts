export type { ServeOptions, TlsOptions } from './options.js'
export { type Served, serve } from './serve.js'
