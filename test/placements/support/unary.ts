import type { Limits } from '@outboard/adapters-sdk/protocol'
import type { HandlerSpec, PlacedHandler } from '../../../src/mixer/engine/ports.js'
import { IstioAdapter, type IstioAnswer, type IstioCall } from './istio-adapter.js'
import { Handlers } from './opened.js'

/** An adapter that answers checks, and a handler on it. */
export async function openedUnary(
  t: { teardown(run: () => Promise<void>): unknown },
  services: Readonly<Record<string, (call: IstioCall) => IstioAnswer>>,
  more: Partial<HandlerSpec> = {},
  limits: Partial<Limits> = {},
): Promise<{ adapter: IstioAdapter; handler: PlacedHandler }> {
  const adapter = await IstioAdapter.listen(services)
  const handlers = new Handlers({ limits })
  const handler = await handlers.open('unary', [adapter.address], more)
  t.teardown(async () => {
    await handlers.close()
    adapter.close()
  })
  return { adapter, handler }
}

/** Bytes and texts, one after the other. */
export const bytes = (...parts: (number | string)[]) =>
  Buffer.concat(parts.map(part => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))))

/** A field of bytes: key, length, content. */
export const field = (number: number, content: Buffer | string) => {
  const body = Buffer.from(content)
  const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7]
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), body])
}
