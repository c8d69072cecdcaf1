import { referenced, type Said, ScriptedServer, verdict } from './scripted-server.js'

/** Answers each quota with what a function grants; quotas depend on the user. */
export function granting(
  grant: (amount: number, nth: number) => number,
  fields: Record<string, unknown> = {},
) {
  return new ScriptedServer(({ quotas }, nth): Said => {
    const results = Object.fromEntries(
      Object.entries(quotas).map(([name, { amount }]) => [
        name,
        {
          valid_duration: { seconds: 10 },
          granted_amount: grant(Number(amount), nth),
          status: {},
          referenced_attributes: referenced({ name: 'source.user' }),
          ...fields,
        },
      ]),
    )
    return { answer: verdict({}, results) }
  })
}
