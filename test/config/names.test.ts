import t from 'tap'
import { identitiesOf, resolve, shortestReference } from '../../src/mixer/config/names.js'

t.test('a reference is looked for as its number of dots says', async t => {
  t.same(identitiesOf('a', 'handler', 'ns'), ['a.handler.ns'])
  t.same(identitiesOf('a.b', 'instance', 'ns'), ['a.b.ns', 'a.instance.b'])
  t.same(identitiesOf('a.b.c', 'template', 'ns'), ['a.b.c'])
  t.same(identitiesOf('a.b.c.d', 'adapter', 'ns'), ['a.b.c.d'])
})

t.test('the older reading of two parts wins', async t => {
  const both = new Map([
    ['a.denier.ns', 'older kind'],
    ['a.handler.denier', 'other namespace'],
  ])
  t.equal(resolve('a.denier', 'handler', 'ns', both), 'older kind')
  t.equal(resolve('a.denier', 'handler', 'elsewhere', both), 'other namespace')
  t.equal(resolve('b', 'handler', 'ns', both), undefined)
})

t.test('advice is as short as it can be', async t => {
  t.equal(shortestReference('a.handler.ns', 'handler', 'ns'), 'a')
  t.equal(shortestReference('a.denier.ns', 'handler', 'ns'), 'a.denier')
  t.equal(shortestReference('a.handler.other', 'handler', 'ns'), 'a.handler.other')
})
