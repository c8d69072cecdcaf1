import { run } from './index.js'

// `outboard check --json | head`: a reader that has seen enough is no error.
process.stdout.on('error', error => {
  if ('code' in error && error.code === 'EPIPE') process.exit(0)
  throw error
})

// Only set, so that what is still being written gets out before the process ends by itself.
process.exitCode = await run(process.argv.slice(2))
