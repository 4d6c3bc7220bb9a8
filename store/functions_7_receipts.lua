-- SPDX-License-Identifier: Apache-2.0
--
-- Receipts: receipt:KEY is a hash of who waits (`to`, a member of mail-due) and of the highest
-- rank noted. Either may come first; both are forgotten together.

local RECEIPT_KEPT_MS = 3 * DAY_MS

local function receipt_key(base, key)
    return base .. 'receipt:' .. key
end

local function receipts_check(base, args, step)
    for at = 1, #args, step do
        local wrong = wrong_type(receipt_key(base, args[at]), 'hash')
        if wrong then
            return wrong
        end
    end
    return nil
end

-- KEYS: a partition's base. ARGV: for each receipt its key, person, channel, id. Answers the
-- highest rank noted of each.
local function receipts_await(keys, args)
    local base = keys[1]
    local wrong = receipts_check(base, args, 4)
    if wrong then
        return wrong
    end
    local answer = {}
    for at = 1, #args, 4 do
        local key = receipt_key(base, args[at])
        redis.call('HSET', key, 'to', mail_member(args[at + 1], args[at + 2], args[at + 3]))
        redis.call('PEXPIRE', key, RECEIPT_KEPT_MS)
        answer[#answer + 1] = tonumber(redis.call('HGET', key, 'rank') or '0') or 0
    end
    return answer
end

-- KEYS: a partition's base. ARGV: for each receipt its key and rank. Answers who waits for each,
-- '' where nobody does.
local function receipts_note(keys, args)
    local base = keys[1]
    local wrong = receipts_check(base, args, 2)
    if wrong then
        return wrong
    end
    local answer = {}
    for at = 1, #args, 2 do
        local key = receipt_key(base, args[at])
        local known = tonumber(redis.call('HGET', key, 'rank') or '0') or 0
        if (tonumber(args[at + 1]) or 0) > known then
            redis.call('HSET', key, 'rank', args[at + 1])
            redis.call('PEXPIRE', key, RECEIPT_KEPT_MS)
        end
        answer[#answer + 1] = redis.call('HGET', key, 'to') or ''
    end
    return answer
end

-- KEYS: a partition's base. ARGV: now ms, for each message person, channel, id. Those that wait
-- until later are ready now.
local function mail_hurry(keys, args)
    local waiting = keys[1] .. 'mail-due'
    local wrong = wrong_type(waiting, 'zset')
    if wrong then
        return wrong
    end
    for at = 2, #args, 3 do
        local member = mail_member(args[at], args[at + 1], args[at + 2])
        local score = redis.call('ZSCORE', waiting, member)
        if score and tonumber(score) > tonumber(args[1]) then
            redis.call('ZADD', waiting, args[1], member)
        end
    end
    return redis.status_reply('OK')
end

redis.register_function('nrt1_receipts_await', receipts_await)
redis.register_function('nrt1_receipts_note', receipts_note)
redis.register_function('nrt1_mail_hurry', mail_hurry)
