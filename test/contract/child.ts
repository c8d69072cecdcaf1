import { serveContract } from './serving.js'

// The contract adapter as a process of its own: it listens where it is told, says where to its parent, and lives as
// long as its parent does.
const [address = '127.0.0.1:0'] = process.argv.slice(2)
const served = await serveContract({ address })
process.on('disconnect', () => process.exit())
process.send?.(served.address)
