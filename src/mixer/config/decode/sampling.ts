import type { MessageReader } from './reader.js'

const denominators = ['HUNDRED', 'TEN_THOUSAND'] as const
const int64 = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }

/**
 * Reads `sampling` of a rule, for its mistakes only: nothing applies it, as in Mixer.
 * Source: `istio.policy.v1beta1.Sampling`.
 */
export function readSampling(reader: MessageReader): void {
  reader.message('random', random => {
    random.text('attribute_expression')
    random.message('percent_sampled', percent => {
      percent.integer('numerator', { min: 0, max: 4_294_967_295 })
      percent.choice('denominator', denominators)
    })
    random.flag('use_independent_randomness')
  })
  reader.message('rate_limit', limit => {
    limit.protoDuration('sampling_duration')
    limit.integer('max_unsampled_entries', int64)
    limit.integer('sampling_rate', int64)
  })
}
