import type { RemoteCall } from '../calls/remote-call.js'

/** Whether asking twice does no harm: questions, and quotas that the adapter can recognise. Reports count. */
export function repeatable(call: RemoteCall): boolean {
  switch (call.verb) {
    case 'check':
    case 'produce':
      return true
    case 'quota':
      return call.dedupId !== ''
    case 'report':
      return false
  }
}
