export { type CompiledExpression, EvalFailure, type Language, type NecessaryEquality } from './plan.js'
