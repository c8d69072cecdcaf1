/**
 * What runs inside Redis, each in one step. A moment is `<number>.<epoch>`. Numbers are microseconds of the node's
 * clock, never going back within an epoch; a new epoch, named by chance, begins when the moment is not there: it was
 * never set, was lost, or was evicted. Moments of two epochs cannot be compared.
 *
 * Keys of one shard carry one hash tag, so that a script may touch them all on a cluster:
 * - `<shard>:seq`: the moment of the last withdrawal
 * - `<shard>:g:<hash>`: a generation: of a handler's answers, of those under one of its keys, or of everything (`*`). It
 *   is the moment at which it was written, when an answer first named it; withdrawing deletes it
 * - `<shard>:e:<hash>`: an answer: `v` its text, `u` uses left (none: no limit), `d` what concerns it: each generation's
 *   key with the value that it had, separated by blanks
 *
 * An answer holds while each of its generations is there with that value: a key that was lost, whichever it is, makes
 * it a miss. A generation that is not there counts as withdrawn at the moment of the last withdrawal.
 */

/** Reads as a text or false, whatever else stands there; takes a moment apart, nothing when it is none. */
const prelude = `
local function text(key)
  local found = redis.pcall('GET', key)
  return type(found) == 'string' and found
end
local function moment(found)
  local number, epoch = string.match(found or '', '^(%d+)%.(%S+)$')
  number = tonumber(number)
  if number and number < 9e15 then return number, epoch end
end
`

/** KEYS: seq, entries. ARGV: a new epoch. Answers `hit`, text, milliseconds left, uses given (-1: no limit), generations; or `miss`, seq. */
export const findScript = `${prelude}
local seq = text(KEYS[1])
if not moment(seq) then
  local t = redis.call('TIME')
  seq = t[1] .. string.format('%06d', tonumber(t[2])) .. '.' .. ARGV[1]
  redis.call('SET', KEYS[1], seq)
end
for i = 2, #KEYS do
  local e = redis.pcall('HMGET', KEYS[i], 'v', 'd', 'u')
  if e[1] and e[2] then
    local holds = false
    for generation, value in string.gmatch(e[2], '(%S+) (%S+)') do
      holds = text(generation) == value
      if not holds then break end
    end
    local uses = -1
    if holds and e[3] then
      local left = string.match(e[3], '^%d+$') and #e[3] <= 15 and tonumber(e[3]) or 0
      if left < 1 then holds = false else
        uses = math.max(1, math.floor(left / 8))
        redis.call('HINCRBY', KEYS[i], 'u', -uses)
      end
    end
    if holds then return {'hit', e[1], redis.call('PTTL', KEYS[i]), uses, e[2]} end
    redis.call('DEL', KEYS[i])
  elseif e.err then
    redis.call('DEL', KEYS[i])
  end
end
return {'miss', seq}
`

/** KEYS: seq, entry, generations. ARGV: moment, text, uses, milliseconds. Answers 1, or 0 when it may not be kept. */
export const keepScript = `${prelude}
local seq = text(KEYS[1])
local last, current = moment(seq)
local began, epoch = moment(ARGV[1])
if not last or not began or epoch ~= current or began > last then return 0 end
local concerned = {}
local holds = true
for i = 3, #KEYS do
  local value = text(KEYS[i])
  local number, of = moment(value)
  if of ~= epoch then
    value, number = seq, last
    redis.call('SET', KEYS[i], value, 'PX', ARGV[4])
  end
  if number > began then holds = false end
  concerned[#concerned + 1] = KEYS[i] .. ' ' .. value
end
if not holds then return 0 end
redis.call('HSET', KEYS[2], 'v', ARGV[2], 'd', table.concat(concerned, ' '))
if tonumber(ARGV[3]) >= 0 then redis.call('HSET', KEYS[2], 'u', ARGV[3]) else redis.call('HDEL', KEYS[2], 'u') end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
for i = 3, #KEYS do
  if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[i], ARGV[4]) end
end
return 1
`

/**
 * KEYS: seq, generation. ARGV: a new epoch. Deleting comes first: it works in a Redis that has no room, and what
 * follows it in one script is then let through.
 */
export const withdrawScript = `${prelude}
redis.call('DEL', KEYS[2])
local t = redis.call('TIME')
local now = t[1] .. string.format('%06d', tonumber(t[2]))
local last, epoch = moment(text(KEYS[1]))
if last and last >= tonumber(now) then now = string.format('%.0f', last + 1) end
redis.call('SET', KEYS[1], now .. '.' .. (epoch or ARGV[1]))
return 1
`

/** KEYS: the set of shapes. ARGV: a shape, how many there may be, milliseconds to keep them. */
export const shapeScript = `
if redis.call('SCARD', KEYS[1]) < tonumber(ARGV[2]) then redis.call('SADD', KEYS[1], ARGV[1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
`
