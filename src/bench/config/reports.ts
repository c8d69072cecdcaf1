import { type Document, document, type HandlerPlace, handler } from './documents.js'

/** Dimensions of the standard metrics: who called whom, how, and how it went. */
const dimensions = {
  connection_security: 'conditional(connection.mtls | false, "mutual_tls", "none")',
  destination_namespace: 'destination.namespace | "unknown"',
  destination_principal: 'destination.principal | "unknown"',
  destination_service: 'destination.service.host | "unknown"',
  reporter: 'conditional((context.reporter.kind | "inbound") == "outbound", "source", "destination")',
  request_protocol: 'context.protocol | "unknown"',
  response_code: 'response.code | 200',
  source_namespace: 'source.namespace | "unknown"',
  source_principal: 'source.principal | "unknown"',
  source_version: 'context.proxy_version | "unknown"',
}

function metricInstance(name: string, value: string, ofRequest: typeof dimensions): Document {
  return document('instance', name, {
    compiledTemplate: 'metric',
    params: { value, dimensions: ofRequest, monitored_resource_type: '"UNSPECIFIED"' },
  })
}

const requestCount = metricInstance('requestcount', '1', dimensions)

/**
 * The standard Report: two metrics of ten dimensions each, counted by the Prometheus adapter.
 *
 * @param dimension `usual`: few requests differ in them, as those of one service do. `ever-new`: one of them is another in each request.
 */
export function reportDocuments(place: HandlerPlace, dimension: 'usual' | 'ever-new' = 'usual'): Document[] {
  const ofRequest =
    dimension === 'usual' ? dimensions : { ...dimensions, source_principal: 'request.path | "unknown"' }
  const labelNames = Object.keys(dimensions)
  const metric = (name: string, kind: string) => ({
    name,
    instance_name: `${name}.instance.istio-system`,
    kind,
    label_names: labelNames,
  })
  return [
    handler('metrics', 'prometheus', place, {
      port: 0,
      metrics: [metric('requestcount', 'COUNTER'), metric('requestduration', 'DISTRIBUTION')],
    }),
    metricInstance('requestcount', '1', ofRequest),
    metricInstance('requestduration', 'response.duration | "0ms"', ofRequest),
    document('rule', 'metrics', {
      actions: [{ handler: 'metrics', instances: ['requestcount', 'requestduration'] }],
    }),
  ]
}

/** One metric to the spy, each report by itself. */
export function shapeDocuments(place: HandlerPlace): Document[] {
  return [
    handler('spy', 'bench-spy', place, {}, { report: { maxAge: '0ms' } }),
    requestCount,
    document('rule', 'spied', { actions: [{ handler: 'spy', instances: ['requestcount'] }] }),
  ]
}

/** One handler that allows everything, for the hop alone. */
export function hopDocuments(place: HandlerPlace): Document[] {
  return [
    handler('noop', 'noop', place, {}),
    document('instance', 'user', { compiledTemplate: 'listentry', params: { value: 'request.host | ""' } }),
    document('rule', 'all', { actions: [{ handler: 'noop', instances: ['user'] }] }),
  ]
}
