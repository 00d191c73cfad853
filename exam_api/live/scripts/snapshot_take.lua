-- Log a picture whose bytes are kept already, if it may be kept now: begin and keep in one. Safe to resend.
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:shard
-- KEYS[3] kw1:{sNN}:log
-- ARGV[1] run id   ARGV[2] fence   ARGV[3] now_ms   ARGV[4] least ms between two   ARGV[5] digest
-- ARGV[6] the snapshot as JSON
-- returns {go | held | wait | no-consent | not-writing | closed | not-started, ms to wait, fence, closed, session};
--   only go put it into the log; error UNREADY when the shard is not reconciled under that run id
if redis.call('HGET', KEYS[2], 'run') ~= ARGV[1] then
  return redis.error_reply('UNREADY under this run id')
end
local h = redis.call('HMGET', KEYS[1], 'st', 'fence', 'closed', 'sid', 'shot', 'shot_kept', 'photos', 'id')
local st, now = h[1], tonumber(ARGV[3])
if not st or st == 'ready' then
  return { 'not-started', 0, 0, 0, '' }
end
local fence, closed = tonumber(h[2]), tonumber(h[3])
if h[7] == '0' then
  return { 'no-consent', 0, fence, closed, h[4] }
elseif tonumber(ARGV[2]) < fence then
  return { 'not-writing', 0, fence, closed, h[4] }
elseif h[6] == ARGV[5] then
  return { 'held', 0, fence, closed, h[4] }
elseif st == 'closed' or st == 'void' then
  return { 'closed', 0, fence, closed, h[4] }
end
local wait = tonumber(h[5] or 0) + tonumber(ARGV[4]) - now
if wait > 0 then
  return { 'wait', wait, fence, closed, h[4] }
end
redis.call('HSET', KEYS[1], 'shot', now, 'shot_of', ARGV[5], 'shot_kept', ARGV[5])
redis.call('XADD', KEYS[3], '*', 'k', 'snapshot', 'a', h[8], 's', h[4], 't', ARGV[3], 'f', ARGV[2], 'b', 0,
  'd', ARGV[6])
return { 'go', 0, fence, closed, h[4] }
