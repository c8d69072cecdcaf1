import {
  type AdapterHost,
  allow,
  type Call,
  defineAdapter,
  deny,
  type FieldValue,
  granted,
  settings,
  type TemplateDefinition,
} from '@outboard/adapters-sdk'

/** A template of each variety that has no built-in one here. */
export const lookup: TemplateDefinition = {
  name: 'lookup',
  packageName: 'lookup',
  variety: 'ATTRIBUTE_GENERATOR',
  methodPath: '/lookup.HandleLookupService/HandleLookup',
  instance: {
    fullName: 'lookup.InstanceMsg',
    fields: [{ name: 'key', jsonName: 'key', number: 1, type: { kind: 'scalar', scalar: 'string' } }],
  },
  output: {
    fullName: 'lookup.OutputMsg',
    fields: [{ name: 'value', jsonName: 'value', number: 1, type: { kind: 'scalar', scalar: 'string' } }],
  },
}

function textOf(field: FieldValue | undefined): string {
  if (typeof field === 'object' && 'type' in field && 'value' in field) return String(field.value)
  return String(field)
}

/** What a test can see of, and do with, the handlers that were opened. */
export interface Stage {
  readonly hosts: AdapterHost[]
  readonly calls: Call[]
  readonly reported: string[][]
  closed: number
  /** Told of each check as it comes. */
  onCall: () => void
  /** Checks with this value wait until the test lets them go. */
  readonly held: { release(): void; readonly call: Call }[]
}

/** An adapter for tests, whose answers depend on what it is asked. */
export function stagedAdapter() {
  const stage: Stage = { hosts: [], calls: [], reported: [], closed: 0, onCall: () => {}, held: [] }
  const adapter = defineAdapter({
    name: 'staged',
    version: '1.2.3',
    description: 'Answers as the test wants',
    templates: ['listentry', 'quota', 'metric', 'keyval', lookup],
    settings: settings.object(
      {
        allowed: settings.list(settings.string(), { field: 1 }),
        code: settings.integer({ default: 7, min: 1, field: 2 }),
        validDuration: settings.duration({ default: '5s', field: 3 }),
      },
      { message: 'adapter.staged.config.Params' },
    ),
    open({ allowed, code, validDuration }, host) {
      stage.hosts.push(host)
      return {
        async check(instance, call) {
          stage.calls.push(call)
          stage.onCall()
          const value = textOf(instance.fields.value ?? instance.fields.key)
          if (value === 'throw') throw new Error('no such luck')
          if (value === 'hold') {
            await new Promise<void>(resolve => stage.held.push({ release: resolve, call }))
          }
          if (value === 'wait-for-abort') {
            await new Promise(resolve => call.signal.addEventListener('abort', resolve))
            throw new Error('aborted')
          }
          if (instance.template === 'keyval')
            return allow({ output: { value: { type: 'STRING', value: 'gold' } } })
          if (allowed.includes(value)) return allow({ validForMs: validDuration, cacheKeys: [value] })
          return deny(code, `${value} is not welcome`, {
            direct: { httpStatus: 402, body: 'pay', headers: [['x-price', '3']] },
          })
        },
        quota: (instance, request) =>
          granted(request.amount > 3n ? 3n : request.amount, instance.fields ? 2_000 : 0),
        report(instances) {
          stage.reported.push(instances.map(instance => instance.name))
        },
        produce: instance => ({
          output: { value: { type: 'STRING', value: `<${String(instance.fields.key)}>` } },
          validForMs: 1_500,
        }),
        close() {
          stage.closed++
        },
      }
    },
  })
  return { adapter, stage }
}
