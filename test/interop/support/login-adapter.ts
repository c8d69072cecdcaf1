import { defineAdapter, deny, settings } from '@outboard/adapters-sdk'

/** Sends everybody to a login page, with two cookies. */
export default defineAdapter({
  name: 'login',
  version: '1.0.0',
  description: 'sends everybody to a login page',
  templates: ['checknothing'],
  settings: settings.object({}),
  open: () => ({
    check: async () =>
      deny('UNAUTHENTICATED', 'not logged in', {
        direct: {
          httpStatus: 302,
          headers: [
            ['Location', 'https://login.example/'],
            ['Set-Cookie', 'session=none; Path=/'],
            ['Set-Cookie', 'return=/login; Path=/'],
          ],
        },
      }),
    close: async () => {},
  }),
})
