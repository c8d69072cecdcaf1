import { type ClientHttp2Session, connect } from 'node:http2'
import { checkRequest } from './request.js'

/**
 * Asks one server as fast as it answers, `depth` calls at a time over two connections, for some seconds; tells how many
 * answers came. By hand on `node:http2`, so that the server is the one that is busy.
 */
const [port, depthText, secondsText] = process.argv.slice(2)
const depth = Number(depthText)
const frame = Buffer.alloc(checkRequest.length + 5)
frame.writeUInt32BE(checkRequest.length, 1)
checkRequest.copy(frame, 5)
const headers = {
  ':method': 'POST',
  ':path': '/istio.mixer.v1.Mixer/Check',
  'content-type': 'application/grpc',
  te: 'trailers',
  'grpc-timeout': '5S',
}
let answered = 0
let failed = 0
let stopped = false

function ask(session: ClientHttp2Session): void {
  if (stopped) return
  const request = session.request(headers)
  let good = false
  request.on('trailers', trailers => {
    good = trailers['grpc-status'] === '0'
  })
  request.on('error', () => {})
  request.on('close', () => {
    if (good) answered++
    else failed++
    ask(session)
  })
  request.resume()
  request.end(frame)
}

const sessions = [connect(`http://127.0.0.1:${port}`), connect(`http://127.0.0.1:${port}`)]
for (let i = 0; i < depth; i++) ask(sessions[i % 2]!)
setTimeout(() => {
  stopped = true
  process.send?.({ answered, failed })
  process.exit()
}, Number(secondsText) * 1_000)
