import { Random } from './random.js'

/** One request as a proxy sees it; the encoders of the doors put it into their words. */
export interface RequestFacts {
  readonly user: string
  readonly host: string
  readonly path: string
  readonly query: string
  readonly method: string
  readonly requestId: string
  readonly sourceIp: readonly number[]
  readonly sourcePod: string
  readonly seconds: number
  readonly nanos: number
  readonly headers: Readonly<Record<string, string>>
}

/** The service that the standard rule is about. */
export const standardHost = 'reviews.shop.svc.cluster.local'
/** The header that the standard rule looks at. */
export const userHeader = 'x-user'

/** The users of the standard list, all of whom may call. */
export function userName(number: number): string {
  return `user-${String(number).padStart(6, '0')}@example.com`
}

/** How the requests of a run differ from each other. */
export interface Variety {
  /** Different requests prepared; they go out in turn. */
  readonly distinct: number
  /** Different users among them, the only thing that the standard rule looks at and that differs. */
  readonly users: number
  readonly seed: number
}

const paths = ['/reviews', '/reviews/archive', '/products', '/products/rating', '/cart']
const methods = ['GET', 'GET', 'GET', 'POST']

/** The requests of the standard Check, the same for the same variety. */
export function* standardFacts({ distinct, users, seed }: Variety): Generator<RequestFacts> {
  const random = new Random(seed)
  for (let i = 0; i < distinct; i++) {
    const user = userName(i % users)
    const path = paths[random.below(paths.length)] ?? '/'
    const pod = `productpage-v1-${random.hex(10)}-${random.hex(5)}`
    const requestId = `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-a${random.hex(3)}-${random.hex(12)}`
    yield {
      user,
      host: standardHost,
      path: `${path}/${random.below(100_000)}`,
      query: `page=${random.below(100)}&sort=date`,
      method: methods[random.below(methods.length)] ?? 'GET',
      requestId,
      sourceIp: [10, 1, random.below(256), 1 + random.below(254)],
      sourcePod: pod,
      seconds: 1_700_000_000 + random.below(100_000_000),
      nanos: random.below(1_000_000_000),
      headers: {
        ':method': 'GET',
        accept: 'application/json',
        'accept-encoding': 'gzip, deflate',
        authorization: `Bearer ${random.hex(390)}`,
        [userHeader]: user,
        'user-agent':
          'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36',
        'x-b3-parentspanid': random.hex(16),
        'x-b3-sampled': '0',
        'x-b3-spanid': random.hex(16),
        'x-b3-traceid': random.hex(32),
        'x-forwarded-proto': 'http',
        'x-request-id': requestId,
        cookie: `session=${random.hex(64)}; theme=dark`,
      },
    }
  }
}
