#!/usr/bin/env node
import { existsSync } from 'node:fs'

/** What `npm run build` makes of `cli/main.js` and everything that it imports; see docs/decisions/bundle.md. */
const bundle = new URL('../bundle/main.js', import.meta.url)
/** They load files that import the SDK, or start modules of ours by name: both must be those that run already. */
const unbundled: readonly (string | undefined)[] = ['adapter', 'bench']

const bundled =
  process.env.OUTBOARD_BUNDLE !== 'off' && !unbundled.includes(process.argv[2]) && existsSync(bundle)
await import(bundled ? bundle.href : './cli/main.js')
