import { isLogLevel, logLevels, prometheusContentType } from '../telemetry/index.js'
import { json, type Reply, refuse, text } from './reply.js'
import type { AdminSources } from './sources.js'

export interface AdminRequest {
  readonly query: URLSearchParams
  readonly body: string
}

/** One path: what each method does, and a line for the index. */
export interface Route {
  readonly about: string
  readonly methods: Readonly<Partial<Record<'GET' | 'PUT' | 'POST', (request: AdminRequest) => Reply>>>
}

const noCache = refuse(404, 'ADMIN_NO_CACHE', 'This host runs without a cache.')

/** All paths of the admin port. */
export function adminRoutes(sources: AdminSources): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>([
    ['/metrics', get('metrics in the Prometheus text format', () => metrics(sources))],
    ['/healthz', get('200 while the process lives', () => text(200, 'ok'))],
    ['/readyz', get('200 when requests are welcome, 503 with the reasons when not', () => ready(sources))],
    ['/version', get('what runs', () => text(200, sources.version))],
    ['/status', get('snapshot, doors, handlers with endpoints, cache', () => json(200, sources.status()))],
    [
      '/config/problems',
      get('what is wrong with the last configuration that was refused', () => problems(sources)),
    ],
    ['/cache/explain', get('hit ratio, and what splits the cache', () => explain(sources))],
    [
      '/cache/flush',
      {
        about: 'forgets all verdicts, or those of ?handler=NAME, or those under its &key=KEY',
        methods: { POST: request => flush(sources, request) },
      },
    ],
    [
      '/log/level',
      {
        about: `how much is logged: ${logLevels.join(', ')}`,
        methods: {
          GET: () => json(200, { level: sources.log.level }),
          PUT: request => setLevel(sources, request),
        },
      },
    ],
  ])
  routes.set(
    '/',
    get('this list', () => text(200, index(routes))),
  )
  return routes
}

function get(about: string, answer: (request: AdminRequest) => Reply): Route {
  return { about, methods: { GET: answer } }
}

function index(routes: ReadonlyMap<string, Route>): string {
  const rows = [...routes].map(([path, { about, methods }]) => {
    const verbs = Object.keys(methods).join(', ')
    return `${verbs.padEnd(9)}${path.padEnd(18)}${about}`
  })
  return rows.join('\n')
}

function metrics(sources: AdminSources): Reply {
  return { status: 200, contentType: prometheusContentType, body: sources.metrics() }
}

function ready(sources: AdminSources): Reply {
  const state = sources.readiness()
  return json(state.ready ? 200 : 503, state)
}

function problems(sources: AdminSources): Reply {
  return json(200, { refused: sources.configProblems() ?? null })
}

function explain({ cache }: AdminSources): Reply {
  return cache === undefined ? noCache : json(200, cache.explain())
}

function flush({ cache }: AdminSources, { query }: AdminRequest): Reply {
  if (cache === undefined) return noCache
  const handler = query.get('handler') ?? undefined
  const key = query.get('key') ?? undefined
  if (key !== undefined && handler === undefined)
    return refuse(400, 'ADMIN_BAD_REQUEST', 'A key is a handler’s own: give ?handler=NAME, too.')
  const flushed = cache.flush(handler, key)
  switch (flushed.kind) {
    case 'flushed':
      return json(200, { flushed: flushed.handler ?? 'everything', ...(key === undefined ? {} : { key }) })
    case 'unknown': {
      const hint = flushed.nearest === undefined ? 'see /status' : `did you mean "${flushed.nearest}"?`
      return refuse(404, 'ADMIN_UNKNOWN_HANDLER', `No handler in force is called "${handler}"; ${hint}`)
    }
    case 'ambiguous': {
      const names = flushed.ids.join(', ')
      return refuse(400, 'ADMIN_BAD_REQUEST', `"${handler}" is the short name of several handlers: ${names}`)
    }
  }
}

function setLevel({ log }: AdminSources, { body }: AdminRequest): Reply {
  const level = body.trim().replace(/^\{\s*"level"\s*:\s*"(\w+)"\s*\}$/, '$1')
  if (!isLogLevel(level))
    return refuse(400, 'ADMIN_BAD_REQUEST', `The body must be one of ${logLevels.join(', ')}.`)
  log.level = level
  return json(200, { level })
}
