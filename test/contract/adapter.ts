import {
  AdapterError,
  type AdapterHost,
  allow,
  type Call,
  defineAdapter,
  deny,
  type FieldRecord,
  granted,
  type HandlerVerbs,
  type HeaderOperation,
  type Instance,
  settings,
  type Verdict,
} from '@outboard/adapters-sdk'

// The adapter of the contract suite. A check's `value` says what to do, so that an adapter in another language can do
// the same in a page of code.

interface ContractSettings {
  readonly greeting: string
  readonly limit: number
}

/** What a header operation case answers, so that the case can compare. */
export const headerOperations: readonly HeaderOperation[] = [
  { on: 'request', operation: 'replace', name: 'x-user', value: 'anna' },
  { on: 'request', operation: 'append', name: 'x-group', value: 'a, b' },
  { on: 'response', operation: 'remove', name: 'server', value: '' },
  { on: 'response', operation: 'append', name: 'set-cookie', value: 'a=1; Path=/' },
]

/** Longer than 2^53, so that a detour through a double shows. */
export const largeInteger = 9_007_199_254_740_993n

export const contractAdapter = defineAdapter<ContractSettings>({
  name: 'contract',
  version: '1.2.3',
  description: 'Does what it is told',
  templates: ['listentry', 'checkproducer', 'quota', 'metric', 'sampleapa'],
  settings: settings.object(
    {
      greeting: settings.string({ field: 1, default: 'hello', description: 'What it says' }),
      limit: settings.integer({ field: 2, default: 10, min: 0, max: 1_000, description: 'What it grants' }),
    },
    { message: 'contract.Params' },
  ),
  open: (given, host) => new ContractHandler(given, host),
})

class ContractHandler implements HandlerVerbs {
  readonly #settings: ContractSettings
  readonly #host: AdapterHost
  readonly #reported: string[] = []
  #aborted = 0
  #held: ((verdict: Verdict) => void) | undefined

  constructor(given: ContractSettings, host: AdapterHost) {
    this.#settings = given
    this.#host = host
  }

  check(instance: Instance, call: Call): Verdict | Promise<Verdict> {
    if (instance.template === 'checkproducer') return produced(instance)
    const [command = '', ...rest] = textOf(instance.fields).split(' ')
    switch (command) {
      case 'allow':
        return rest[0] === undefined
          ? allow()
          : allow({ validForMs: Number(rest[0]), validUses: Number(rest[1] ?? -1) })
      case 'allow-do-not-cache':
        return allow({ doNotCache: true })
      case 'deny':
        return deny('PERMISSION_DENIED', 'closed for the night', { doNotCache: true })
      case 'deny-valid':
        return deny(16, 'who are you', { validForMs: 2_000, validUses: 3 })
      case 'direct':
        return deny('RESOURCE_EXHAUSTED', 'too much', {
          doNotCache: true,
          direct: { httpStatus: 429, body: 'slow down ünïcode', headers: [['x-reason', 'quota']] },
        })
      case 'headers':
        return allow({ headers: headerOperations })
      case 'metadata':
        return allow({ metadata: { text: 'tëxt', number: 1.5, flag: true } })
      case 'keys':
        return allow({ validForMs: 60_000, cacheKeys: ['user:1', 'group:2'] })
      case 'settings':
        return deny('NOT_FOUND', `${this.#settings.greeting} ${this.#settings.limit}`)
      case 'call':
        return deny(
          'NOT_FOUND',
          `${call.dedupId}|${call.traceparent ?? ''}|${Math.round(call.deadline - Date.now())}`,
        )
      case 'instances':
        return deny('NOT_FOUND', this.#host.instances.map(i => `${i.name}:${i.template}`).join(','))
      case 'reported':
        return deny('NOT_FOUND', this.#reported.join(','))
      case 'aborted':
        return deny('NOT_FOUND', String(this.#aborted))
      case 'invalidate':
        this.#host.invalidate(rest[0])
        return allow()
      case 'log':
        this.#host.log('warn', rest.join(' '))
        return allow()
      case 'throw':
        throw new Error('thrown on purpose')
      case 'reject':
        return Promise.reject(new Error('rejected on purpose'))
      case 'fail':
        return { kind: 'failed', error: new AdapterError('ADAPTER_UNAVAILABLE', 'my backend is away') }
      case 'wait':
        return new Promise(resolve => {
          this.#held = resolve
          call.signal.addEventListener('abort', () => {
            this.#aborted += 1
            resolve(allow())
          })
        })
      case 'release':
        this.#held?.(allow({ validForMs: 1, validUses: 1 }))
        return allow()
      case 'later':
        return new Promise(resolve => setTimeout(() => resolve(allow()), Number(rest[0])))
      default:
        return deny('NOT_FOUND', `echo:${command}${rest.map(word => ` ${word}`).join('')}`)
    }
  }

  quota(_instance: Instance, request: { amount: bigint; bestEffort: boolean }) {
    const { amount, bestEffort } = request
    if (amount === 13n) {
      return { kind: 'refused' as const, code: 8, message: 'not thirteen', validForMs: 500 }
    }
    if (amount <= BigInt(this.#settings.limit) || amount === largeInteger) return granted(amount, 2_500)
    return granted(bestEffort ? this.#settings.limit : 0, 0)
  }

  report(instances: readonly Instance[]): void {
    for (const { name, fields } of instances) this.#reported.push(`${name.split('.')[0]}=${numberOf(fields)}`)
  }

  produce({ fields }: Instance) {
    if (fields.stringPrimitive === 'nothing') return { output: {}, validForMs: undefined }
    return {
      output: {
        int64Primitive: { type: 'INT64' as const, value: integerOf(fields.int64Primitive) },
        boolPrimitive: { type: 'BOOL' as const, value: true },
        doublePrimitive: { type: 'DOUBLE' as const, value: 0.5 },
        stringPrimitive: { type: 'STRING' as const, value: `${this.#settings.greeting}, ünïcode` },
        stringMap: { type: 'STRING_MAP' as const, value: { a: '1', b: '2' } },
        ip: { type: 'IP_ADDRESS' as const, value: Uint8Array.of(10, 0, 0, 1) },
        duration: { type: 'DURATION' as const, value: 1_500_000_000n },
        timestamp: { type: 'TIMESTAMP' as const, value: { seconds: 1_500_000_000, nanos: 5 } },
        dns: { type: 'DNS_NAME' as const, value: 'example.com' },
      },
      validForMs: 7_000,
    }
  }
}

function produced({ fields }: Instance): Verdict {
  if (fields.stringPrimitive === 'deny') return deny('NOT_FOUND', 'nothing under this key')
  return allow({
    validForMs: 5_000,
    validUses: 100,
    output: {
      stringPrimitive: { type: 'STRING', value: `found ${String(fields.stringPrimitive)}` },
      int64Primitive: { type: 'INT64', value: largeInteger },
    },
  })
}

/** The text inside a `Value` field. */
function textOf(fields: FieldRecord): string {
  const value = fields.value
  const inner = isRecord(value) ? value.value : undefined
  if (typeof inner === 'string') return inner
  return inner instanceof Uint8Array ? `bytes:${Buffer.from(inner).toString('hex')}` : String(inner)
}

function numberOf(fields: FieldRecord): string {
  const value = fields.value
  return isRecord(value) ? String(value.value) : 'nothing'
}

function integerOf(field: unknown): bigint {
  return typeof field === 'bigint' ? field : 0n
}

function isRecord(value: FieldRecord[string]): value is FieldRecord {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  )
}
