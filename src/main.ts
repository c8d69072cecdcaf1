#!/usr/bin/env node
import { run } from './cli/index.js'

// Only set, so that what is still being written gets out before the process ends by itself.
process.exitCode = await run(process.argv.slice(2))
