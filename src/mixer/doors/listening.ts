import type { Server } from 'node:net'
import { AddressError, type ListenAddress, printAddress, removeStaleSocket } from './address.js'

/**
 * Lets a server listen; answers the address with its real port. Its later errors are the caller's.
 * @throws {AddressError} `ADDRESS_IN_USE`, `ADDRESS_UNAVAILABLE`
 */
export async function listenOn(server: Server, address: ListenAddress): Promise<ListenAddress> {
  if (address.kind === 'unix') await removeStaleSocket(address.path)
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException) => {
      const code = cause.code === 'EADDRINUSE' ? 'ADDRESS_IN_USE' : 'ADDRESS_UNAVAILABLE'
      reject(new AddressError(code, `Cannot listen on ${printAddress(address)}: ${cause.message}`, { cause }))
    }
    server.once('error', failed)
    server.listen(address.kind === 'unix' ? { path: address.path } : address, () => {
      server.removeListener('error', failed)
      resolve()
    })
  })
  const bound = server.address()
  return address.kind === 'tcp' && typeof bound === 'object' && bound !== null
    ? { ...address, port: bound.port }
    : address
}
