#!lua name=nrt1
-- SPDX-License-Identifier: Apache-2.0
-- revision 8
--
-- The store's atomic steps inside Redis: one library, whose text is functions_1_ground.lua to
-- functions_8_throttle.lua one behind the other. Rules of these files:
-- * A function that fails keeps what it has written, so every function checks types, versions
--   and arguments first and writes afterwards; nothing after the first write can fail.
-- * KEYS[1] of a function that works on one partition is the partition's base, "nrt:{p3}:"; the
--   keys it uses are that base with a name behind it, all in the base's hash slot.
-- * Service time is an argument. TIME serves leases, and the age of forgotten things.
-- * "nrt1" names the form of arguments, answers and data: who changes one of them writes
--   nrt2. Who changes anything else adds one to the revision above; a newer revision replaces
--   an older one when a role connects.

local DAY_MS = 86400000
local JOURNAL_KEPT_MS = 7 * DAY_MS
local SEEN_KEPT_MS = 30 * DAY_MS
local TRIM_EVERY = 1024 -- versions between two looks at the journal's age
local GROUP = 'nrt'
local ACKS_A_CALL = 1000

local function real_ms()
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function whole(number)
    return string.format('%.0f', number)
end

-- nil when the key holds that type or nothing, else the error to answer with.
local function wrong_type(key, expected)
    local found = redis.call('TYPE', key)['ok']
    if found == 'none' or found == expected then
        return nil
    end
    return redis.error_reply('WRONGTYPE ' .. key .. ' holds a ' .. found .. ', not a ' .. expected)
end

-- The same for pairs of key and type.
local function wrong_types(pairs_of)
    for i = 1, #pairs_of, 2 do
        local wrong = wrong_type(pairs_of[i], pairs_of[i + 1])
        if wrong then
            return wrong
        end
    end
    return nil
end

local function bad_data(key)
    return redis.error_reply('NRTDATA ' .. key .. ' does not hold what this program wrote there')
end

local function is_position(text)
    return string.match(text, '^%d+%-%d+$') and #text <= 40
end

local function is_number(text)
    return string.match(text, '^%d+$') and #text <= 16
end

local function argument_error(what)
    return redis.error_reply('NRTARGS ' .. what)
end

-- Call a variadic command with any number of arguments.
local function call_all(command, key, arguments)
    for first = 1, #arguments, ACKS_A_CALL do
        local last = math.min(first + ACKS_A_CALL - 1, #arguments)
        redis.call(command, key, unpack(arguments, first, last))
    end
end

local function ack_all(key, positions)
    for first = 1, #positions, ACKS_A_CALL do
        local last = math.min(first + ACKS_A_CALL - 1, #positions)
        redis.call('XACK', key, GROUP, unpack(positions, first, last))
        redis.call('XDEL', key, unpack(positions, first, last))
    end
end

-- ---- opening ----

-- KEYS: nrt:meta. ARGV: pairs of field and value. Answers what is there now, in that order.
local function meta(keys, args)
    local wrong = wrong_type(keys[1], 'hash')
    if wrong then
        return wrong
    end
    local found = {}
    for i = 1, #args, 2 do
        redis.call('HSETNX', keys[1], args[i], args[i + 1])
        found[#found + 1] = redis.call('HGET', keys[1], args[i])
    end
    return found
end

-- A group begins at 0: entries are deleted when they are acknowledged, so whatever is in the
-- stream was not dealt with.
local function group_make(key)
    local made = redis.pcall('XGROUP', 'CREATE', key, GROUP, '0', 'MKSTREAM')
    if made['err'] and not string.find(made['err'], 'BUSYGROUP', 1, true) then
        return made
    end
    return nil
end

-- KEYS: streams. Makes their groups.
local function open(keys)
    for _, key in ipairs(keys) do
        local failed = group_make(key)
        if failed then
            return failed
        end
    end
    return redis.status_reply('OK')
end
