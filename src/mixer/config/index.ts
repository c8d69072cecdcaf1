export { builtinAdaptersOf } from './builtin-adapters.js'
export { type ConfigCode, configCodes } from './codes.js'
export { type LoadCounts, type Loaded, type LoadOptions, loadInTurns, loadSnapshot } from './compile/load.js'
export { guardDefaults } from './decode/guard.js'
export { adapterKinds, templateKinds } from './decode/kinds.js'
export {
  type Explanation,
  explain,
  type HeaderExplanation,
  type QuestionExplanation,
  type RuleExplanation,
  type RuleOutcome,
} from './explain/explain.js'
export type {
  AuthenticationSpec,
  ConnectionSpec,
  FailurePolicy,
  GuardSpec,
  HandlerPlacement,
  HandlerSpec,
  TokenHeader,
  TokenSpec,
} from './handler-spec.js'
export { isOfPhase, phases } from './index/rule-table.js'
export {
  type AdapterDirectory,
  type Announcement,
  type BuiltinAdapter,
  type BuiltinAdapters,
  noDirectory,
} from './ports.js'
export { ConfigError, type Note, type Problem, printProblem } from './problem.js'
export type {
  Action,
  ApiAttributes,
  AttributeBinding,
  CallerQuotas,
  CompiledInstance,
  HeaderTemplate,
  Phase,
  Rule,
  RuleMatches,
  RuleTable,
  Snapshot,
} from './snapshot.js'
export { contentHashOf, readFolder } from './source/folder.js'
export { defaultLimits, type SourceLimits } from './source/limits.js'
export type { Location } from './source/place.js'
export type { ReadSource } from './source/read.js'
export { FolderWatch, type Timer, type WatchOptions } from './source/watch.js'
export { Slices, type Turns } from './turns.js'
export { builtinDeclarations } from './vocabulary/build.js'
