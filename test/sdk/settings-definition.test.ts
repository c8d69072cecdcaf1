import { settings } from '@outboard/adapters-sdk'
import t from 'tap'

t.test('A default that the setting itself would refuse is refused where it is written', async t => {
  for (const [make, message] of [
    [() => settings.integer({ default: 0, min: 1 }), /\(integer\) must be at least 1, not 0/],
    [() => settings.int64({ default: 9n, max: 5n }), /must be at most 5, not 9/],
    [() => settings.number({ default: 0, above: 0 }), /must be greater than 0/],
    [() => settings.string({ default: '', minLength: 1 }), /\(string\) must not be empty/],
    [() => settings.string({ default: 'a', pattern: /[0-9]+/ }), /must be text like/],
    [() => settings.string({ default: 'a', check: () => 'is never right' }), /is never right/],
    [() => settings.duration({ default: '1s', min: '2s' }), /\(duration\) must be at least 2s, not "1s"/],
    [() => settings.duration({ default: 5_000, max: 1_000 }), /must be at most 1s, not "5s"/],
    [() => settings.boolean({ default: JSON.parse('"yes"') }), /must be true or false, not "yes"/],
    [() => settings.enumeration({ A: 0 }, { default: JSON.parse('"B"') }), /must be one of A, not "B"/],
  ] as const) {
    t.throws(make, { name: 'TypeError', message })
  }
  t.equal(settings.integer({ default: 1, min: 1 }).defaultText, '1')
})

t.test('An enumeration takes names with numbers, and no list', async t => {
  const lists: readonly unknown[] = [['A', 'B'], [], {}, { A: 'one' }, { A: 0.5 }, null]
  for (const names of lists) {
    t.throws(() => settings.enumeration(JSON.parse(JSON.stringify(names))), {
      name: 'TypeError',
      message: /names with their numbers/,
    })
  }
})
