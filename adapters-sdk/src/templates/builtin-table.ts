import type { Variety } from '../template.js'

/**
 * A template as data. A message is a text of fields, `number name: type`, separated by commas. Types are `string`,
 * `int64`, `double`, `bool`, the policy types by their short names, `map<T>` (keys are always strings), and the names
 * of messages given below `messages`.
 */
export interface TemplateRow {
  readonly packageName: string
  readonly variety: Variety
  /** The method, and the middle of the service's name: `HandleApiKey` of `HandleApiKeyService`. */
  readonly method: string
  readonly instance: string
  readonly output?: string
  readonly messages?: Readonly<Record<string, string>>
}

/**
 * The templates that Istio 1.5 ships with, its check-with-output example, and the templates of its end-to-end test
 * doubles. Source: reference wire-adapter-model, sections 8, 9 and 11.
 */
export const templateRows: Readonly<Record<string, TemplateRow>> = {
  apikey: {
    packageName: 'apikey',
    variety: 'CHECK',
    method: 'HandleApiKey',
    instance:
      '1 api: string, 2 api_version: string, 3 api_operation: string, 4 api_key: string, 5 timestamp: TimeStamp',
  },
  authorization: {
    packageName: 'authorization',
    variety: 'CHECK',
    method: 'HandleAuthorization',
    instance: '1 subject: SubjectMsg, 2 action: ActionMsg',
    messages: {
      SubjectMsg: '1 user: string, 2 groups: string, 3 properties: map<Value>',
      ActionMsg:
        '1 namespace: string, 2 service: string, 3 method: string, 4 path: string, 5 properties: map<Value>',
    },
  },
  checknothing: { packageName: 'checknothing', variety: 'CHECK', method: 'HandleCheckNothing', instance: '' },
  edge: {
    packageName: 'edge',
    variety: 'REPORT',
    method: 'HandleEdge',
    instance: `1 timestamp: TimeStamp, 10 source_workload_namespace: string, 11 source_workload_name: string,
      12 source_owner: string, 13 source_uid: string, 20 destination_workload_namespace: string,
      21 destination_workload_name: string, 22 destination_owner: string, 23 destination_uid: string,
      24 destination_service_namespace: string, 25 destination_service_name: string, 30 context_protocol: string,
      31 api_protocol: string`,
  },
  listentry: {
    packageName: 'listentry',
    variety: 'CHECK',
    method: 'HandleListEntry',
    instance: '1 value: Value',
  },
  logentry: {
    packageName: 'logentry',
    variety: 'REPORT',
    method: 'HandleLogEntry',
    instance: `1 variables: map<Value>, 2 timestamp: TimeStamp, 3 severity: string, 4 monitored_resource_type: string,
      5 monitored_resource_dimensions: map<Value>`,
  },
  metric: {
    packageName: 'metric',
    variety: 'REPORT',
    method: 'HandleMetric',
    instance: `1 value: Value, 2 dimensions: map<Value>, 3 monitored_resource_type: string,
      4 monitored_resource_dimensions: map<Value>`,
  },
  quota: {
    packageName: 'quota',
    variety: 'QUOTA',
    method: 'HandleQuota',
    instance: '1 dimensions: map<Value>',
  },
  reportnothing: {
    packageName: 'reportnothing',
    variety: 'REPORT',
    method: 'HandleReportNothing',
    instance: '',
  },
  tracespan: {
    packageName: 'tracespan',
    variety: 'REPORT',
    method: 'HandleTraceSpan',
    instance: `1 trace_id: string, 2 span_id: string, 3 parent_span_id: string, 4 span_name: string,
      5 start_time: TimeStamp, 6 end_time: TimeStamp, 7 span_tags: map<Value>, 8 httpStatusCode: int64,
      9 client_span: bool, 10 rewrite_client_span_id: bool, 11 source_name: string, 12 source_ip: IPAddress,
      13 destination_name: string, 14 destination_ip: IPAddress, 15 request_size: int64, 16 request_total_size: int64,
      17 response_size: int64, 18 response_total_size: int64, 19 api_protocol: string`,
  },
  kubernetes: {
    packageName: 'adapter.template.kubernetes',
    variety: 'ATTRIBUTE_GENERATOR',
    method: 'HandleKubernetes',
    instance: `1 source_uid: string, 2 source_ip: IPAddress, 3 destination_uid: string, 4 destination_ip: IPAddress,
      7 destination_port: int64`,
    output: `1 source_pod_ip: IPAddress, 2 source_pod_name: string, 3 source_labels: map<string>,
      4 source_namespace: string, 6 source_service_account_name: string, 7 source_host_ip: IPAddress,
      8 destination_pod_ip: IPAddress, 9 destination_pod_name: string, 10 destination_labels: map<string>,
      11 destination_namespace: string, 13 destination_service_account_name: string,
      14 destination_host_ip: IPAddress, 22 source_workload_uid: string, 23 source_workload_name: string,
      24 source_workload_namespace: string, 25 source_owner: string, 26 destination_owner: string,
      27 destination_workload_uid: string, 28 destination_workload_name: string,
      29 destination_workload_namespace: string, 30 destination_container_name: string, 31 source_pod_uid: string,
      32 destination_pod_uid: string`,
  },
  keyval: {
    packageName: 'keyval',
    variety: 'CHECK_WITH_OUTPUT',
    method: 'HandleKeyval',
    instance: '1 key: string',
    output: '2 value: string',
  },
  sampleapa: {
    packageName: 'sampleapa',
    variety: 'ATTRIBUTE_GENERATOR',
    method: 'HandleSampleApa',
    instance:
      '1 int64Primitive: int64, 2 boolPrimitive: bool, 3 doublePrimitive: double, 4 stringPrimitive: string',
    output: `1 int64Primitive: int64, 2 boolPrimitive: bool, 3 doublePrimitive: double, 4 stringPrimitive: string,
      5 stringMap: map<string>, 6 ip: IPAddress, 7 duration: Duration, 8 timestamp: TimeStamp, 9 dns: DNSName`,
  },
  samplecheck: {
    packageName: 'samplecheck',
    variety: 'CHECK',
    method: 'HandleSampleCheck',
    instance: '4 stringPrimitive: string',
  },
  checkproducer: {
    packageName: 'checkproducer',
    variety: 'CHECK_WITH_OUTPUT',
    method: 'HandleCheckProducer',
    instance: '4 stringPrimitive: string',
    output: `1 int64Primitive: int64, 2 boolPrimitive: bool, 3 doublePrimitive: double, 4 stringPrimitive: string,
      5 stringMap: map<string>`,
  },
  samplequota: {
    packageName: 'samplequota',
    variety: 'QUOTA',
    method: 'HandleSampleQuota',
    instance: '1 dimensions: map<Value>',
  },
  samplereport: {
    packageName: 'samplereport',
    variety: 'REPORT',
    method: 'HandleSampleReport',
    instance: '1 value: Value, 2 dimensions: map<Value>',
  },
}
