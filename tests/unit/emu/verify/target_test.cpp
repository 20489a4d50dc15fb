// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/target.hpp"

#include <gtest/gtest.h>

using emu::CheckKind;
using emu::parse_target;
using emu::Target;

TEST(ParseTarget, PingWantsAHostAlone) {
  EXPECT_EQ(parse_target(CheckKind::Ping, "vm2.public"), (Target{"vm2.public", 0, "", "/"}));
  for (const char* text : {"", "vm2:80", "http://vm2/", "a b"}) EXPECT_FALSE(parse_target(CheckKind::Ping, text)) << text;
}

TEST(ParseTarget, TcpWantsAPort) {
  EXPECT_EQ(parse_target(CheckKind::Tcp, "10.2.0.4:22"), (Target{"10.2.0.4", 22, "", "/"}));
  for (const char* text : {"vm2", "vm2:", ":22", "vm2:0", "vm2:65536", "vm2:22x", "vm2:-1", "vm2:22:22"})
    EXPECT_FALSE(parse_target(CheckKind::Tcp, text)) << text;
}

TEST(ParseTarget, HttpReadsAUrl) {
  EXPECT_EQ(parse_target(CheckKind::Http, "http://vm2"), (Target{"vm2", 80, "vm2", "/"}));
  EXPECT_EQ(parse_target(CheckKind::Http, "HTTP://vm2:8080/a/b?c=d#e"), (Target{"vm2", 8080, "vm2:8080", "/a/b?c=d"}));
  EXPECT_EQ(parse_target(CheckKind::Http, "http://contosodata?comp=list"), (Target{"contosodata", 80, "contosodata", "/?comp=list"}));
  EXPECT_EQ(parse_target(CheckKind::Http, "https://vm2/a"), (Target{"vm2", 443, "vm2", "/a", true}));
}

TEST(ParseTarget, HttpRefusesWhatIsNoPlainUrl) {
  for (const char* text :
       {"", "vm2", "ftp://vm2/", "http://", "http:///", "http://u:p@vm2/", "http://vm2:x/", "http://vm2/a b", "http://vm2/\r\nX: y"})
    EXPECT_FALSE(parse_target(CheckKind::Http, text)) << text;
}
