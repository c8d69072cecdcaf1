import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { askAdmin } from '../../src/cli/admin-client.js'
import { denier, documents, type Serving, serving } from './serving.js'

/** The series of the scrape that begin so, with their values. */
async function scraped({ admin }: Serving, pattern: RegExp): Promise<Record<string, number>> {
  const { body } = await askAdmin(admin, 'GET', '/metrics')
  const lines = String(body)
    .split('\n')
    .filter(line => pattern.test(line))
  return Object.fromEntries(lines.map(line => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]))
}

t.test('a host tells how much configuration is in force, and what was wrong with the last one', async t => {
  const host = await serving(t, documents(denier('closed')), '--log-level', 'info')
  t.match(await scraped(host, /^mixer_config_/), {
    mixer_config_handler_configs_total: 1,
    mixer_config_instance_configs_total: 1,
    mixer_config_rule_configs_total: 1,
    mixer_config_adapter_info_configs_total: 0,
    mixer_config_rule_config_errors_total: 0,
  })
  t.ok((await scraped(host, /^mixer_config_attributes_total/)).mixer_config_attributes_total, 'attributes')

  const broken = denier('closed')
    .replace('handler: refuse', 'handler: nobody')
    .replace('compiledAdapter: denier', 'compiledAdapter: denyer')
  writeFileSync(join(host.config, 'all.yaml'), documents(broken))
  await host.shell.printed(/"event":"config_problem"/)
  t.match(await scraped(host, /^(mixer_config_|outboard_config_problems)/), {
    outboard_config_problems: 2,
    mixer_config_rule_config_errors_total: 1,
    mixer_config_handler_validation_error_total: 1,
    mixer_config_instance_config_errors_total: 0,
    mixer_config_rule_configs_total: 1,
  })

  writeFileSync(join(host.config, 'all.yaml'), documents(denier('closed for good')))
  await host.shell.printed(/"event":"config_live"[\s\S]*"event":"config_live"/)
  t.match(await scraped(host, /^mixer_config_(rule|handler)/), {
    mixer_config_rule_config_errors_total: 0,
    mixer_config_handler_validation_error_total: 0,
  })
})
