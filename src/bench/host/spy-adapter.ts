import { serve } from '@outboard/adapters-sdk/serve'
import { spy } from './spy.js'

// The spy as a process of its own: `spy-adapter ADDRESS`; prints where it listens, as `outboard adapter serve --json` does.

const [address = '127.0.0.1:0'] = process.argv.slice(2)
const served = await serve(spy, { address, log: () => {}, signals: ['SIGTERM', 'SIGINT'] })
console.log(JSON.stringify({ address: served.address }))
