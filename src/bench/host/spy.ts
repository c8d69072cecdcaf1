import { defineAdapter, settings } from '@outboard/adapters-sdk'

/** Takes reports and looks at every field, as an adapter that uses them would; keeps nothing. */
export const spy = defineAdapter({
  name: 'bench-spy',
  version: '1.0.0',
  description: 'Looks at what is reported, for the benchmark',
  templates: ['metric'],
  settings: settings.object({}),
  open() {
    let seen = 0
    return {
      report(instances) {
        for (const { fields } of instances) for (const name in fields) if (fields[name] !== undefined) seen++
      },
      close() {
        if (seen < 0) throw new RangeError('the spy has seen less than nothing')
      },
    }
  },
})
