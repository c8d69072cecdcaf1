export { type CompileOptions, compile } from './compile.js'
export { parseDuration, printDuration } from './duration.js'
export { ExprError, type ExprErrorCode, type ExprLocation } from './error.js'
export { type CompiledExpression, EvalFailure, type Language, type NecessaryEquality } from './plan.js'
