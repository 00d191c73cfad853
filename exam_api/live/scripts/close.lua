-- Running or paused → closed, once; afterwards what stands. Safe to resend. needs view
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:a:<attempt>:answers
-- KEYS[3] kw1:{sNN}:log
-- KEYS[4] kw1:{sNN}:deadlines
-- KEYS[5] kw1:{sNN}:undurable
-- KEYS[6] kw1:{sNN}:shard
-- ARGV[1] run id   ARGV[2] kind   ARGV[3] now_ms   ARGV[4] the fence that must be writing, or empty
-- ARGV[5] leave it unless its deadline or its held hand-in lies before this instant, or empty
-- ARGV[6] leave it unless just this seq is held, a hand-in is not too early, and expiry waits for nothing; or empty
-- ARGV[7] with it: the head at that seq   ARGV[8] how long the worker leaves its result to the caller, ms
-- returns what view tells; error UNREADY when the shard is not reconciled under that run id
if redis.call('HGET', KEYS[6], 'run') ~= ARGV[1] then
  return redis.error_reply('UNREADY under this run id')
end
local h = redis.call('HMGET', KEYS[1], 'st', 'fence', 'end', 'hin', 'id', 'sid', 'seq', 'head', 'start', 'early',
  'hold_until')
local kind, may = ARGV[2], h[1] == 'running' or h[1] == 'paused'
if may and ARGV[4] ~= '' and ARGV[4] ~= h[2] then
  may = false
end
if may and ARGV[5] ~= '' then
  local before, hin = tonumber(ARGV[5]), tonumber(h[4])
  local by_time = h[1] == 'running' and tonumber(h[3]) < before
  local by_hand_in = hin > 0 and hin < before
  if by_hand_in and not (by_time and tonumber(h[3]) <= hin) then
    kind = 'manual' -- the candidate handed in by an op; the page never came back for the score
  end
  may = by_time or by_hand_in
end
if may and ARGV[6] ~= '' then
  local now = tonumber(ARGV[3])
  local waits = tonumber(h[3]) <= now and now < tonumber(h[11] or 0) and h[4] == '0'
  may = h[7] == ARGV[6] and (h[7] == '0' or h[8] == ARGV[7]) and now >= tonumber(h[9]) + tonumber(h[10]) and not waits
end
if may then
  shut(KEYS[1], KEYS[3], KEYS[4], KEYS[5], kind, ARGV[3], ARGV[3] + ARGV[8], { h[5], h[6], h[2], h[7] })
end
return view(KEYS[1], KEYS[2])
