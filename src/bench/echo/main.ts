import { Server, ServerCredentials } from '@grpc/grpc-js'
import { pathOf } from '../requests/answers.js'

// The yardstick: a bare grpc-js server with one unary method that answers what it was sent. `main ADDRESS`; prints where
// it listens.

const bytesThrough = (bytes: Buffer): Buffer => bytes
const [address = '127.0.0.1:0'] = process.argv.slice(2)
const server = new Server()
server.addService(
  {
    echo: {
      path: pathOf.echo,
      requestStream: false,
      responseStream: false,
      requestSerialize: bytesThrough,
      requestDeserialize: bytesThrough,
      responseSerialize: bytesThrough,
      responseDeserialize: bytesThrough,
    },
  },
  {
    echo: (call: { request: Buffer }, answer: (error: null, message: Buffer) => void) =>
      answer(null, call.request),
  },
)
server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error
  console.log(JSON.stringify({ address: address.replace(/:0$/, `:${port}`) }))
})
process.on('SIGTERM', () => process.exit(0))
