-- Say whether a picture may be kept now; one that may is the attempt's latest from here on. Safe to resend. needs verdict
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:shard
-- ARGV[1] run id   ARGV[2] fence   ARGV[3] now_ms   ARGV[4] least ms between two   ARGV[5] digest
-- returns {go | held | wait | no-consent | not-writing | closed | not-started, ms to wait, fence, closed, session};
--   error UNREADY when the shard is not reconciled under that run id
local no, fence, closed, sid = verdict(KEYS[1], KEYS[2], ARGV)
if no then
  return no
end
redis.call('HSET', KEYS[1], 'shot', ARGV[3], 'shot_of', ARGV[5])
return { 'go', 0, fence, closed, sid }
