-- Joined with every script that needs it: shows an attempt, writes to the log, tells the page.
-- Fields of the attempt's hash: id, sid (16 bytes), meta (msgpack of ArmedAttempt without paper), slots, hold,
-- early, dies, st, fence, seq, head, key, start, end, pause, hin, closed, kind, seen, late, side, cmds, result,
-- durable, receipt (text), asked (for a takeover code), hold_until (expiry waits), src, src2, srcn (sources), lf, ls, lh (late chain: fence, seq, head), o<fence>s, o<fence>h (what an
-- older fence had), fork (last fork that was logged), shot, shot_of, shot_kept (instant and digest of the latest
-- picture, digest of the latest that was kept), photos (0: taken back).

-- In the order in which `replies.live_attempt` takes them apart. Naming them costs less than all there is.
local function view(attempt, answers)
  return { redis.call('HMGET', attempt, 'meta', 'st', 'fence', 'seq', 'head', 'key', 'start', 'end', 'pause', 'closed',
    'kind', 'seen', 'late', 'side', 'asked', 'result', 'durable', 'receipt', 'hold_until', 'hin'),
    redis.call('GET', answers) or '' }
end

local function say(log, kind, id, sid, at, fence, base, data)
  redis.call('XADD', log, '*', 'k', kind, 'a', id, 's', sid, 't', at, 'f', fence, 'b', base, 'd', data)
end

local function tell(attempt, commands, command)
  redis.call('RPUSH', commands, command)
  redis.call('HINCRBY', attempt, 'cmds', 1)
  redis.call('PEXPIREAT', commands, redis.call('HGET', attempt, 'dies'))
end

-- Keep what the fence had that is left now, never less than before: its device may come back with more.
local function leave_fence(attempt, fence, seq, head)
  local had = tonumber(redis.call('HGET', attempt, 'o' .. fence .. 's') or 0)
  if tonumber(fence) > 0 and tonumber(seq) >= had then
    redis.call('HSET', attempt, 'o' .. fence .. 's', seq, 'o' .. fence .. 'h', head)
  end
end

-- When keys die that were to die at `at`: never within 7 days. The node's clock rules lives, nothing else.
local function dies_at(at)
  return math.max(tonumber(at), tonumber(redis.call('TIME')[1]) * 1000 + 7 * 86400000)
end

-- Close it at `at`, of which `h` is { id, sid, fence, seq }; its result is the worker's from `due` on.
local function shut(attempt, log, deadlines, undurable, kind, at, due, h)
  redis.call('HSET', attempt, 'st', 'closed', 'closed', at, 'kind', kind, 'pause', 0)
  redis.call('ZREM', deadlines, h[1])
  redis.call('ZADD', undurable, due, h[1])
  say(log, 'close', h[1], h[2], at, h[3], h[4], '{"kind":"' .. kind .. '"}')
end
