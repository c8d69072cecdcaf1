import { Option } from 'commander'

/** Where the admin port of the host is. */
export function adminFlag(): Option {
  return new Option('--admin <address>', 'the host’s admin port')
    .default('127.0.0.1:15014')
    .env('OUTBOARD_ADMIN')
}
