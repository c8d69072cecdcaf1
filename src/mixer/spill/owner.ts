import { Buffer } from 'node:buffer'
import { unlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'

/** What every system takes as the path of a socket, bytes; of a longer one a part would be used, without a word. */
const longestPath = 100

/** Another process has the folder. */
export class FolderTakenError extends Error {
  constructor(folder: string) {
    super(`another process keeps its reports in ${folder}`)
    this.name = 'FolderTakenError'
  }
}

/**
 * Makes this process the only one that uses a folder, for as long as it lives: it listens on a socket in it. Unlike a file
 * with a process's number in it, a socket tells whether whoever made it is still there.
 * @returns lets go of the folder.
 * @throws {FolderTakenError}; {RangeError} for a folder whose path is too long; what listening says
 */
export async function own(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'owner')
  const length = Buffer.byteLength(path)
  if (length > longestPath)
    throw new RangeError(`its path is too long for a socket in it: ${length} bytes, at most ${longestPath}`)
  let server = await listening(path)
  if (server === undefined) {
    if (await answers(path)) throw new FolderTakenError(folder)
    await unlink(path).catch(() => {})
    server = await listening(path)
    if (server === undefined) throw new FolderTakenError(folder)
  }
  const held = server
  return () => new Promise(resolve => void held.close(() => resolve()))
}

/** undefined: there is something at that path. */
function listening(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer(socket => socket.destroy())
    server.unref()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen({ path, exclusive: true }, () => resolve(server))
  })
}

function answers(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
