import t from 'tap'
import { Logger, type LogLevel } from '../../src/mixer/telemetry/index.js'

function logger(level: LogLevel = 'info', format: 'json' | 'text' = 'json') {
  const lines: string[] = []
  const time = { ms: Date.UTC(2026, 0, 2, 3, 4, 5, 678) }
  const suppressed: string[] = []
  const log = new Logger({
    level,
    format,
    write: line => lines.push(line),
    now: () => time.ms,
    maxPerSecond: 2,
    onSuppressed: event => suppressed.push(event),
  })
  return { log, lines, time, suppressed }
}

t.test('a line is one JSON object with its time, level and event', async t => {
  const { log, lines } = logger()
  log.warn('handler_failed', { handler: 'h', tries: 3n, error: new Error('no') })
  t.same(JSON.parse(lines[0] ?? ''), {
    time: '2026-01-02T03:04:05.678Z',
    level: 'warn',
    event: 'handler_failed',
    handler: 'h',
    tries: '3',
    error: { message: 'no' },
  })
})

t.test('text is for people', async t => {
  const { log, lines } = logger('info', 'text')
  log.info('ready', { address: '127.0.0.1:9091', text: 'two words', none: undefined })
  t.equal(lines[0], '03:04:05.678 INFO  ready address=127.0.0.1:9091 text="two words"\n')
})

t.test('levels below the chosen one are not written, and the level can change', async t => {
  const { log, lines } = logger('warn')
  log.info('a')
  log.error('b')
  log.level = 'none'
  log.error('c')
  log.level = 'debug'
  log.debug('d')
  t.same(
    lines.map(line => JSON.parse(line).event),
    ['b', 'd'],
  )
})

t.test('one event cannot flood the log: the rest is counted, and other events still get through', async t => {
  const { log, lines, time, suppressed } = logger()
  for (let i = 0; i < 5; i++) log.error('flood', { i })
  log.error('other')
  time.ms += 1_000
  log.error('flood', { i: 'later' })
  const written = lines.map(line => JSON.parse(line))
  t.same(
    written.map(line => line.event),
    ['flood', 'flood', 'other', 'flood'],
  )
  t.equal(written[3].suppressed_before, 3)
  t.same(suppressed, ['flood', 'flood', 'flood'])
})

t.test('secrets are never written, wherever they stand', async t => {
  const { log, lines } = logger()
  log.info('call', {
    token: 'T1',
    nested: { client_secret: 'S2', Authorization: 'Bearer B3', list: [{ password: 'P4', apiKey: 'K5' }] },
    header: 'Authorization: Bearer abc.def-ghi',
    redis: 'redis://user:hunter2@127.0.0.1:6379',
    error: new Error('refused Basic dXNlcjpwYXNz'),
    map: new Map([['private_key', 'M6']]),
  })
  const line = lines[0] ?? ''
  for (const secret of ['T1', 'S2', 'B3', 'P4', 'K5', 'abc.def', 'hunter2', 'dXNlcjpwYXNz', 'M6'])
    t.notMatch(line, secret)
  t.match(line, '[redacted]')
})

t.test('a password or a token in a text is not written, whatever it holds', async t => {
  const { log, lines } = logger()
  const secret = 's3kr1t'
  log.info('a', {
    nobody: `redis://:${secret}@127.0.0.1:6379`,
    slash: `redis://user:p/${secret}@h`,
    at: `https://user:a@${secret}@h/x`,
    question: `https://user:a?b#${secret}@h/x`,
    parameter: `http://h/x?access_token=${secret}&a=1`,
    another: `http://h/x?a=1&x-api-key=${secret}`,
    sas: `http://h/x?X-Amz-Signature=${secret}#y`,
    cut: `${'x'.repeat(1_990)} redis://u:${secret}-and-more@h`,
  })
  t.notMatch(lines[0], secret)
  t.match(JSON.parse(lines[0] ?? ''), {
    nobody: 'redis://:[redacted]@127.0.0.1:6379',
    at: 'https://user:[redacted]@h/x',
    parameter: 'http://h/x?access_token=[redacted]&a=1',
  })
  log.info('a', { plain: 'http://h:80/x?a=1, and http://user@h/', mail: 'ann@example.com at http://h:80/' })
  t.match(JSON.parse(lines[1] ?? ''), {
    plain: 'http://h:80/x?a=1, and http://user@h/',
    mail: 'ann@example.com at http://h:80/',
  })
})

t.test('a line is one line, and does nothing to a terminal', async t => {
  const nasty = 'a\nb\u2028c\u001b[31mred\u009b0m\u202e\u007f'
  for (const format of ['json', 'text'] as const) {
    const { log, lines } = logger('info', format)
    log.info('a', { one: nasty, [nasty]: 1, 'k ey=1': 'v', escape: '\u001b[2J' })
    const line = lines[0] ?? ''
    t.notMatch(line.slice(0, -1), /[\p{Cc}\p{Zl}\p{Bidi_Control}]/u, format)
    if (format === 'json') t.match(JSON.parse(line), { one: nasty, [nasty]: 1 })
    else t.match(line, /one="a\\nb\\u2028c\\u001b.* "k ey=1"=v escape="\\u001b\[2J"\n$/)
  }
})

t.test('a line has an end, whatever it is given', async t => {
  const { log, lines } = logger()
  const loop: Record<string, unknown> = { name: 'loop' }
  loop.self = loop
  log.info('odd', {
    loop,
    long: 'x'.repeat(10_000),
    bytes: new Uint8Array(9),
    many: new Array(1_000).fill(1),
    nan: Number.NaN,
  })
  const line = lines[0] ?? ''
  t.ok(line.length < 4_000, `${line.length} characters`)
  t.match(JSON.parse(line), { bytes: '[9 bytes]', nan: 'NaN' })
})
