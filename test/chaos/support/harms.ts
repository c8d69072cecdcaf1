/** The kinds of hostile adapters, in the order in which their program tells its addresses. */
export const harms = ['garbage', 'unasked', 'flood', 'endless-hello', 'gigabyte'] as const

export type Harm = (typeof harms)[number]
