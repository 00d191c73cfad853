-- Raise an attempt to what the record holds; never lowers fence, seq or deadline. Safe to resend. needs view
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:a:<attempt>:answers
-- KEYS[3] kw1:{sNN}:x:<session>
-- KEYS[4] kw1:{sNN}:deadlines
-- KEYS[5] kw1:{sNN}:undurable
-- ARGV[1] attempt   ARGV[2] session   ARGV[3] meta   ARGV[4] slots   ARGV[5] hold 1|0   ARGV[6] early
-- ARGV[7] dies   ARGV[8] state   ARGV[9] fence   ARGV[10] seq   ARGV[11] head   ARGV[12] storage key
-- ARGV[13] answers   ARGV[14] start   ARGV[15] end   ARGV[16] closed   ARGV[17] kind   ARGV[18] result
-- ARGV[19] durable 1|0   ARGV[20] late   ARGV[21] side   ARGV[22] pause
-- returns 1
local attempt = KEYS[1]
local RANK = { ready = 0, running = 1, paused = 1, closed = 2, void = 3 }
if redis.call('EXISTS', attempt) == 0 then
  local dies = dies_at(ARGV[7])
  redis.call('HSET', attempt, 'id', ARGV[1], 'sid', ARGV[2], 'meta', ARGV[3], 'slots', ARGV[4], 'hold', ARGV[5],
    'early', ARGV[6], 'dies', dies, 'st', 'ready', 'fence', 0, 'seq', 0, 'head', '', 'key', '', 'start', 0,
    'end', 0, 'pause', 0, 'hin', 0, 'closed', 0, 'kind', '', 'seen', 0, 'late', 0, 'side', 0, 'cmds', 0,
    'result', '', 'durable', 0)
  redis.call('PEXPIREAT', attempt, dies)
  redis.call('SADD', KEYS[3], ARGV[1])
  redis.call('PEXPIREAT', KEYS[3], dies)
end
local h = redis.call('HMGET', attempt, 'st', 'fence', 'seq', 'head', 'end', 'result', 'durable', 'late', 'side',
  'hin', 'dies')
local st, fence, seq = h[1], tonumber(h[2]), tonumber(h[3])
local new_fence, new_seq = tonumber(ARGV[9]), tonumber(ARGV[10])

if new_fence > fence then
  leave_fence(attempt, h[2], h[3], h[4])
end
if new_fence > fence or (new_fence == fence and new_seq > seq) then
  redis.call('HSET', attempt, 'fence', ARGV[9], 'seq', ARGV[10], 'head', ARGV[11], 'key', ARGV[12])
  redis.call('SET', KEYS[2], ARGV[13])
  redis.call('PEXPIREAT', KEYS[2], h[11])
end
if RANK[ARGV[8]] > RANK[st] then
  if st == 'ready' then
    redis.call('HSET', attempt, 'start', ARGV[14])
  end
  st = ARGV[8]
  redis.call('HSET', attempt, 'st', st, 'closed', ARGV[16], 'kind', ARGV[17], 'pause', ARGV[22])
end
local ends = math.max(tonumber(h[5]), tonumber(ARGV[15]))
redis.call('HSET', attempt, 'end', ends, 'late', math.max(tonumber(h[8]), tonumber(ARGV[20])),
  'side', math.max(tonumber(h[9]), tonumber(ARGV[21])))
if h[6] == '' and ARGV[18] ~= '' then
  redis.call('HSET', attempt, 'result', ARGV[18])
end
local durable = h[7] == '1' or ARGV[19] == '1'
redis.call('HSET', attempt, 'durable', durable and 1 or 0)
if st == 'running' then
  local hin = tonumber(h[10])
  redis.call('ZADD', KEYS[4], hin > 0 and math.min(hin, ends) or ends, ARGV[1])
elseif st ~= 'paused' then
  redis.call('ZREM', KEYS[4], ARGV[1])
end
if st == 'closed' and not durable then
  redis.call('ZADD', KEYS[5], redis.call('HGET', attempt, 'closed'), ARGV[1])
else
  redis.call('ZREM', KEYS[5], ARGV[1])
end
return 1
