import fc from 'fast-check'
import t from 'tap'
import { entriesOfBody } from '../../src/adapters/list/body.js'
import { compileEntries, type EntryType, type Found } from '../../src/adapters/list/entries.js'
import { NetworkSet, parseNetwork } from '../../src/adapters/list/networks.js'
import { rejection } from './support/fakes.js'

t.test('entries of each type find what they should', async t => {
  const table: [EntryType, string[], [string, Found][]][] = [
    [
      'STRINGS',
      ['one', ' two', 'three\r'],
      [
        ['one', 'yes'],
        ['One', 'no'],
        ['two', 'no'],
        [' two', 'yes'],
        ['three', 'no'],
        ['on', 'no'],
      ],
    ],
    [
      'CASE_INSENSITIVE_STRINGS',
      ['One', 'ZWEI'],
      [
        ['oNE', 'yes'],
        ['zwei', 'yes'],
        ['three', 'no'],
      ],
    ],
    [
      'CASE_INSENSITIVE_STRINGS',
      ['STRASSE', 'Gruß', 'CONFIG', 'Κόσμος', 'ᾳδης', '𐐨𐐩', ''],
      [
        ['straße', 'no'],
        ['strasse', 'yes'],
        ['gRUß', 'yes'],
        ['GRUSS', 'no'],
        ['conﬁg', 'no'],
        ['ΚΌΣΜΟΣ', 'yes'],
        ['ᾼΔΗΣ', 'yes'],
        ['ΑΙΔΗΣ', 'no'],
        ['𐐀𐐁', 'yes'],
        ['', 'yes'],
      ],
    ],
    [
      'IP_ADDRESSES',
      ['10.1.2.3', '192.168.0.0/16', '172.16.5.4/12', '2001:db8::1', '2001:db8:1::/48', '::ffff:8.8.0.0/112'],
      [
        ['10.1.2.3', 'yes'],
        ['10.1.2.4', 'no'],
        ['192.168.255.255', 'yes'],
        ['192.169.0.0', 'no'],
        ['172.31.0.1', 'yes'],
        ['172.32.0.1', 'no'],
        ['::ffff:10.1.2.3', 'yes'],
        ['8.8.4.4', 'yes'],
        ['8.9.4.4', 'no'],
        ['2001:db8::1', 'yes'],
        ['2001:db8::2', 'no'],
        ['2001:0DB8:1:2::9', 'yes'],
        ['2001:db8:2::9', 'no'],
        ['not an address', 'unusable'],
        ['10.1.2.3/32', 'unusable'],
      ],
    ],
    [
      'IP_ADDRESSES',
      ['0.0.0.0/0'],
      [
        ['1.2.3.4', 'yes'],
        ['::1', 'no'],
      ],
    ],
    [
      'REGEX',
      ['^/api/', 'secret', '(?i)admin$'],
      [
        ['/api/x', 'yes'],
        ['/x/api/', 'no'],
        ['a secret thing', 'yes'],
        ['ADMIN', 'yes'],
        ['admins', 'no'],
      ],
    ],
    ['STRINGS', [], [['x', 'no']]],
    ['REGEX', [], [['x', 'no']]],
    ['IP_ADDRESSES', [], [['1.2.3.4', 'no']]],
  ]
  for (const [type, entries, values] of table) {
    const compiled = await compileEntries(type, entries)
    for (const [value, expected] of values) t.equal(compiled.find(value), expected, `${type}: ${value}`)
  }
})

t.test('an entry that is none of its type is refused with its position', async t => {
  const table: [EntryType, string[], number, RegExp][] = [
    ['IP_ADDRESSES', ['10.0.0.1', '10.0.0.0/33'], 1, /"10\.0\.0\.0\/33"/],
    ['IP_ADDRESSES', ['10.0.0.0/08'], 0, /address or a block/],
    ['IP_ADDRESSES', ['example.org'], 0, /address or a block/],
    ['IP_ADDRESSES', ['2001:db8::/129'], 0, /address or a block/],
    ['IP_ADDRESSES', ['::ffff:8.8.0.0/95'], 0, /address or a block/],
    ['REGEX', ['ok', 'a(b'], 1, /"a\(b" as RE2/],
    ['REGEX', ['(?=look)'], 0, /RE2/],
  ]
  for (const [type, entries, index, message] of table) {
    t.match(await rejection(compileEntries(type, entries)), { code: 'LIST_ENTRY_INVALID', index, message })
  }
})

t.test('an expression that is exponential elsewhere is linear here', async t => {
  const compiled = await compileEntries('REGEX', ['^(a+)+$'])
  t.equal(compiled.find(`${'a'.repeat(20_000)}!`), 'no')
})

t.test('NetworkSet agrees with comparing bit by bit', async t => {
  const address = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16, max: 3 }),
  )
  const bitAt = (bytes: Uint8Array, i: number) => ((bytes[i >> 3] ?? 0) >> (7 - (i & 7))) & 1
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(address, address, fc.nat(128), (network, asked, prefix) => {
        const prefixBits = Math.min(prefix, network.length * 8)
        const isIn =
          network.length === asked.length &&
          Array.from({ length: prefixBits }, (_, i) => i).every(i => bitAt(network, i) === bitAt(asked, i))
        return new NetworkSet([{ address: network, prefixBits }]).has(asked) === isIn
      }),
      { numRuns: 500 },
    ),
  )
})

t.test('parseNetwork gives an address without a mask all its bits', async t => {
  t.equal(parseNetwork('10.0.0.1')?.prefixBits, 32)
  t.equal(parseNetwork('2001:db8::1')?.prefixBits, 128)
})

t.test('entriesOfBody takes lines as they are, without the empty ones', async t => {
  t.same(await entriesOfBody('STRINGS', 'a\n\n b \nc\r\n'), ['a', ' b ', 'c\r'])
  t.same(await entriesOfBody('REGEX', ''), [])
})

t.test('entriesOfBody takes addresses from the key whitelist of a YAML document', async t => {
  t.same(await entriesOfBody('IP_ADDRESSES', 'whitelist:\n- 10.0.0.1\n- "::1"\nother: 1\n'), [
    '10.0.0.1',
    '::1',
  ])
  t.same(await entriesOfBody('IP_ADDRESSES', '{"whitelist": ["10.0.0.0/8"]}'), ['10.0.0.0/8'])
  for (const empty of ['', 'whitelist:\n', 'other: 1\n'])
    t.same(await entriesOfBody('IP_ADDRESSES', empty), [])
})

t.test('entriesOfBody refuses what is no such document', async t => {
  const bomb = `a: &a [${'x,'.repeat(50)}]\n${[...'bcdefg'].map((c, i) => `${c}: &${c} [${`*${'abcdef'[i]},`.repeat(50)}]`).join('\n')}\nwhitelist: *g\n`
  const table: [string, RegExp][] = [
    ['[1.2.3.4]', /mapping with the key "whitelist"/],
    ['10.0.0.1\n10.0.0.2\n', /mapping/],
    ['whitelist: 10.0.0.1', /to be a list/],
    ['whitelist: [1]', /text at whitelist\[0\]/],
    ['whitelist: [', /not YAML/],
    [bomb, /not YAML/],
  ]
  for (const [body, message] of table) {
    t.match(await rejection(entriesOfBody('IP_ADDRESSES', body)), { code: 'LIST_BODY_INVALID', message })
  }
})

t.test('characters are compared by their own upper case, wherever they stand', async t => {
  const texts: string[] = []
  for (let point = 0; point <= 0x10ffff; point++) {
    const char = String.fromCodePoint(point)
    if (char.toUpperCase() !== char) texts.push(char)
  }
  const entries = await compileEntries('CASE_INSENSITIVE_STRINGS', texts)
  const behindOthers = await compileEntries(
    'CASE_INSENSITIVE_STRINGS',
    texts.map(char => `ß${char}`),
  )
  const wrong = texts.filter(char => {
    const upper = char.toUpperCase()
    const isOne = [...upper].length === 1
    const expected = isOne ? 'yes' : 'no'
    return (
      entries.find(char) !== 'yes' ||
      entries.find(upper) !== expected ||
      behindOthers.find(`ß${upper}`) !== expected
    )
  })
  t.same(wrong, [])
  t.same(
    texts.filter(char => char.toUpperCase().length < char.length),
    [],
    'none becomes shorter, on which the comparison relies',
  )
})
