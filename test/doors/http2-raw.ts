import type { Test } from 'tap'
import { server } from './http2-server.js'
import { frameType, RawClient } from './raw-http2.js'

/** A raw connection to an echoing server. */
export async function raw(t: Test, options: Parameters<typeof server>[1] = {}) {
  const { address, counts } = await server(t, options)
  const client = await RawClient.open(address)
  t.teardown(() => client.socket.destroy())
  const echoed = async (stream: number) =>
    (await client.frame(one => one.type === frameType.data && one.stream === stream)).payload
      .subarray(5)
      .toString()
  return { client, echoed, counts }
}

/** Four bytes. */
export const number = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
/** The payload of SETTINGS. */
export const settings = (...pairs: readonly (readonly [number, number])[]) =>
  Buffer.concat(pairs.map(([id, value]) => Buffer.concat([Buffer.from([0, id]), number(value)])))
