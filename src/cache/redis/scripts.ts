/**
 * What runs inside Redis, each in one step. Numbers of withdrawals are microseconds of the node's clock, never going
 * back while the node keeps its data: so they also go up when the data was lost and begins anew. They stay texts in
 * Lua, whose numbers would print with an exponent.
 *
 * Keys of one shard carry one hash tag, so that a script may touch them all on a cluster:
 * - `<shard>:seq`: the number of the last withdrawal
 * - `<shard>:w:<hash>`: when a handler, one of its keys, or everything (`*`) was withdrawn
 * - `<shard>:e:<hash>`: an answer: `v` its text, `s` the number its question began at, `u` uses left (none: no limit),
 *   `d` the `w` keys that concern it, separated by blanks
 */

/** KEYS: seq, entries. Answers `hit`, text, milliseconds left, uses given (-1: no limit); or `miss`, seq. */
export const findScript = `
local seq = redis.call('GET', KEYS[1])
if not seq then
  local t = redis.call('TIME')
  seq = t[1] .. string.format('%06d', tonumber(t[2]))
  redis.call('SET', KEYS[1], seq)
end
for i = 2, #KEYS do
  local e = redis.call('HMGET', KEYS[i], 'v', 's', 'd', 'u')
  if e[1] and e[2] and e[3] then
    local holds = true
    for w in string.gmatch(e[3], '%S+') do
      local at = redis.call('GET', w)
      if at and tonumber(at) > tonumber(e[2]) then holds = false break end
    end
    local uses = -1
    if holds and e[4] then
      local left = tonumber(e[4])
      if left < 1 then holds = false else
        uses = math.max(1, math.floor(left / 8))
        redis.call('HINCRBY', KEYS[i], 'u', -uses)
      end
    end
    if holds then return {'hit', e[1], redis.call('PTTL', KEYS[i]), uses} end
    redis.call('DEL', KEYS[i])
  end
end
return {'miss', seq}
`

/** KEYS: seq, entry. ARGV: number, text, `w` keys, uses, milliseconds. Answers 1, or 0 when it may not be kept. */
export const keepScript = `
local seq = redis.call('GET', KEYS[1])
if not seq or tonumber(ARGV[1]) > tonumber(seq) then return 0 end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], 'v', ARGV[2], 's', ARGV[1], 'd', ARGV[3])
if tonumber(ARGV[4]) >= 0 then redis.call('HSET', KEYS[2], 'u', ARGV[4]) end
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return 1
`

/** KEYS: seq, `w`. ARGV: milliseconds to remember it, which outlives every answer that it concerns. */
export const withdrawScript = `
local t = redis.call('TIME')
local now = t[1] .. string.format('%06d', tonumber(t[2]))
local seq = redis.call('GET', KEYS[1])
if seq and tonumber(seq) >= tonumber(now) then
  redis.call('INCR', KEYS[1])
  now = redis.call('GET', KEYS[1])
else
  redis.call('SET', KEYS[1], now)
end
redis.call('SET', KEYS[2], now, 'PX', ARGV[1])
return 1
`

/** KEYS: the set of shapes. ARGV: a shape, how many there may be, milliseconds to keep them. */
export const shapeScript = `
if redis.call('SCARD', KEYS[1]) < tonumber(ARGV[2]) then redis.call('SADD', KEYS[1], ARGV[1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
`
