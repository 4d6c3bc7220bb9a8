-- SPDX-License-Identifier: Apache-2.0
--
-- Mailboxes.

-- ---- mailboxes ----
--
-- mail-due holds every waiting message (member PERSON \0 CHANNEL \0 ID, score = ready at),
-- mail-claims and mail-claimed those in somebody's hands, mail:PERSON:CHANNEL the entries of
-- both by id, mail-seen:PERSON:CHANNEL the ids ever put, with the time of that.

local function mail_names(base)
    return {
        waiting = base .. 'mail-due',
        claims = base .. 'mail-claims',
        claimed = base .. 'mail-claimed',
    }
end

local function mail_member(person, channel, id)
    return person .. '\0' .. channel .. '\0' .. id
end

local function mailbox(base, person, channel)
    return base .. 'mail:' .. person .. ':' .. channel
end

local function mailbox_seen(base, person, channel)
    return base .. 'mail-seen:' .. person .. ':' .. channel
end

local function item_read(args, at)
    return {
        person = args[at],
        channel = args[at + 1],
        id = args[at + 2],
        ready = args[at + 3],
        entry = args[at + 4],
        facts = args[at + 5],
    }
end

local function item_check(base, item)
    if not is_number(item.ready or '') then
        return argument_error('a message without an instant')
    end
    return wrong_types({
        mailbox(base, item.person, item.channel), 'hash',
        mailbox_seen(base, item.person, item.channel), 'zset' })
end

-- Answers whether the message is new.
local function item_write(base, item, at_ms, facts)
    local seen = mailbox_seen(base, item.person, item.channel)
    if redis.call('ZSCORE', seen, item.id) then
        return false
    end
    redis.call('ZREMRANGEBYSCORE', seen, '-inf', whole(at_ms - SEEN_KEPT_MS))
    redis.call('ZADD', seen, whole(at_ms), item.id)
    redis.call('HSET', mailbox(base, item.person, item.channel), item.id, item.entry)
    redis.call(
        'ZADD', base .. 'mail-due', item.ready, mail_member(item.person, item.channel, item.id))
    if item.facts ~= '' then
        facts[#facts + 1] = item.facts
    end
    return true
end

local function mail_types(base)
    return claim_types(mail_names(base)) or wrong_type(base .. 'journal', 'stream')
end

-- KEYS: a partition's base. ARGV: for each message person, channel, id, ready ms, entry, facts.
-- Answers 1 for each that is new.
local function mail_put(keys, args)
    local base = keys[1]
    local wrong = mail_types(base)
    local items = {}
    for at = 1, #args, 6 do
        items[#items + 1] = item_read(args, at)
        wrong = wrong or item_check(base, items[#items])
    end
    if wrong then
        return wrong
    end
    local answer, facts, at_ms = {}, {}, real_ms()
    for i, item in ipairs(items) do
        answer[i] = item_write(base, item, at_ms, facts) and 1 or 0
    end
    journal_write(base, facts)
    return answer
end

-- KEYS: a partition's base. ARGV: now ms, max, the claimer. Answers {next score or '',
-- {person \0 channel \0 id, entry, mark, ...}}.
local function mail_claim(keys, args)
    local base, now, max = keys[1], args[1], tonumber(args[2])
    local names = mail_names(base)
    local wrong = claim_types(names)
    if wrong then
        return wrong
    end
    local who = claimer_read(args, 3)
    local found, known = claim_find(names, who, now, max)
    local mails = {}
    for _, one in ipairs(found) do
        local person, channel, id = string.match(one[1], '^([^%z]*)%z([^%z]*)%z(.*)$')
        if not person then
            return bad_data(names.waiting)
        end
        wrong = wrong_type(mailbox(base, person, channel), 'hash')
        if wrong then
            return wrong
        end
        mails[#mails + 1] = one[1]
        mails[#mails + 1] = redis.call('HGET', mailbox(base, person, channel), id) or ''
        mails[#mails + 1] = one[3]
    end
    claim_write(names, who, found, known)
    return { next_score(names.waiting), mails }
end

local function is_ours(names, owner, member)
    local text = redis.call('HGET', names.claimed, member)
    return text and claim_parse(text) == owner and text
end

-- KEYS: a partition's base. ARGV: owner, lease ms, for each message person, channel, id. Marks
-- that an attempt begins and renews the lease; answers 1 for each that is still the owner's.
local function mail_mark(keys, args)
    local names = mail_names(keys[1])
    local wrong = claim_types(names)
    if wrong then
        return wrong
    end
    local answer, ends = {}, whole(real_ms() + tonumber(args[2]))
    for at = 3, #args, 3 do
        local member = mail_member(args[at], args[at + 1], args[at + 2])
        local text = is_ours(names, args[1], member)
        if text then
            redis.call('HSET', names.claimed, member, '1' .. string.sub(text, 2))
            redis.call('ZADD', names.claims, ends, member)
        end
        answer[#answer + 1] = text and 1 or 0
    end
    return answer
end

local SETTLE_ARGS = 8 -- before the follower's six

local function settles_read(args)
    local settles, at = {}, 2
    while at <= #args do
        local settle = {
            person = args[at],
            channel = args[at + 1],
            id = args[at + 2],
            final = args[at + 3] == '1',
            ready = args[at + 4],
            entry = args[at + 5],
            facts = args[at + 6],
        }
        local follows = args[at + 7] == '1'
        at = at + SETTLE_ARGS
        if follows then
            settle.follower = item_read(args, at)
            at = at + 6
        end
        settles[#settles + 1] = settle
    end
    return settles
end

local function settle_check(base, settle)
    if not settle.final and not is_number(settle.ready or '') then
        return argument_error('a message that goes on needs an instant')
    end
    return wrong_type(mailbox(base, settle.person, settle.channel), 'hash') or
        (settle.follower and item_check(base, settle.follower)) or nil
end

local function settle_write(base, names, settle, at_ms, facts)
    local member = mail_member(settle.person, settle.channel, settle.id)
    local box = mailbox(base, settle.person, settle.channel)
    redis.call('ZREM', names.claims, member)
    redis.call('HDEL', names.claimed, member)
    if settle.final then
        redis.call('HDEL', box, settle.id)
    else
        redis.call('HSET', box, settle.id, settle.entry)
        redis.call('ZADD', names.waiting, settle.ready, member)
    end
    if settle.facts ~= '' then
        facts[#facts + 1] = settle.facts
    end
    if settle.follower then
        item_write(base, settle.follower, at_ms, facts)
    end
end

-- KEYS: a partition's base. ARGV: owner, then for each message person, channel, id, '1' when it
-- is done with, else when to try again and the new entry, facts, '1' when another channel's
-- message follows and that message as for mail_put. Answers 1 for each that was the owner's.
local function mail_settle(keys, args)
    local base = keys[1]
    local names = mail_names(base)
    local settles = settles_read(args)
    local wrong = mail_types(base)
    for _, settle in ipairs(settles) do
        wrong = wrong or settle_check(base, settle)
    end
    if wrong then
        return wrong
    end
    local answer, facts, at_ms = {}, {}, real_ms()
    for i, settle in ipairs(settles) do
        local member = mail_member(settle.person, settle.channel, settle.id)
        local ours = is_ours(names, args[1], member)
        if ours then
            settle_write(base, names, settle, at_ms, facts)
        end
        answer[i] = ours and 1 or 0
    end
    journal_write(base, facts)
    return answer
end
