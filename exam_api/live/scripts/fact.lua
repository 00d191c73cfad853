-- Apply a ledger entry once, by its id. Safe to resend. needs view
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:a:<attempt>:commands
-- KEYS[3] kw1:{sNN}:a:<attempt>:facts
-- KEYS[4] kw1:{sNN}:log
-- KEYS[5] kw1:{sNN}:deadlines
-- KEYS[6] kw1:{sNN}:undurable
-- ARGV[1] id of the entry   ARGV[2] kind   ARGV[3] at_ms   ARGV[4] ms   ARGV[5] fence
-- ARGV[6] the entry as JSON   ARGV[7] states it fits, separated and enclosed by blanks   ARGV[8] command or empty
-- returns 1 when applied, 0 when it was applied before or no longer fits
local attempt, kind, at, ms = KEYS[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local h = redis.call('HMGET', attempt, 'st', 'fence', 'seq', 'head', 'id', 'sid', 'end', 'pause', 'hin', 'dies')
local st = h[1]
if not st or redis.call('SADD', KEYS[3], ARGV[1]) == 0 then
  return 0
end
redis.call('PEXPIREAT', KEYS[3], h[10])
if not string.find(ARGV[7], ' ' .. st .. ' ', 1, true) then
  return 0 -- seen all the same: what did not fit now is not made up for later
end
local ends, hin = tonumber(h[7]), tonumber(h[9])

local function end_at(instant, running)
  redis.call('HSET', attempt, 'end', instant)
  if running then
    redis.call('ZADD', KEYS[5], hin > 0 and math.min(hin, instant) or instant, h[5])
  end
end

if kind == 'extend' or kind == 'credit' then
  end_at(ends + math.max(0, ms), st == 'running') -- a debit is kept back from later credits, never taken
elseif kind == 'pause' then
  redis.call('HSET', attempt, 'st', 'paused', 'pause', at)
  if hin > 0 then
    redis.call('ZADD', KEYS[5], hin, h[5])
  else
    redis.call('ZREM', KEYS[5], h[5])
  end
elseif kind == 'resume' then
  redis.call('HSET', attempt, 'st', 'running', 'pause', 0)
  end_at(ends + math.max(0, at - tonumber(h[8])), true)
elseif kind == 'terminate' then
  shut(attempt, KEYS[4], KEYS[5], KEYS[6], 'staff', ARGV[3], ARGV[3], { h[5], h[6], h[2], h[3] })
elseif kind == 'void' then
  redis.call('HSET', attempt, 'st', 'void', 'closed', at, 'pause', 0)
  redis.call('ZREM', KEYS[5], h[5])
elseif kind == 'takeover' and tonumber(ARGV[5]) > tonumber(h[2]) then
  leave_fence(attempt, h[2], h[3], h[4])
  redis.call('HSET', attempt, 'fence', ARGV[5], 'seq', 0, 'head', '', 'key', '', 'src2', '', 'srcn', 0)
end
if ARGV[8] ~= '' then
  tell(attempt, KEYS[2], ARGV[8])
end
say(KEYS[4], 'fact', h[5], h[6], at, redis.call('HGET', attempt, 'fence'), 0, ARGV[6])
return 1
