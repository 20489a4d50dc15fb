// SPDX-License-Identifier: Apache-2.0
#include "emu/verify/check_names.hpp"

#include <gmock/gmock.h>

namespace emu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Check check(CheckKind kind, std::string target, std::string name = "") {
  Check made;
  made.from = "vm1";
  made.kind = kind;
  made.target = std::move(target);
  made.name = std::move(name);
  return made;
}

TEST(NamesOf, AreTheirOwnOrWhatIsTried) {
  EXPECT_THAT(names_of({check(CheckKind::Ping, "vm2"), check(CheckKind::Run, "dig x"), check(CheckKind::Tcp, "vm2:22", "ssh is open")}),
              ElementsAre("ping vm1 -> vm2", "run vm1: dig x", "ssh is open"));
}

TEST(NamesOf, AreNumberedWhereTheyCoincide) {
  EXPECT_THAT(names_of({check(CheckKind::Ping, "vm2"), check(CheckKind::Ping, "vm2"), check(CheckKind::Ping, "vm2")}),
              ElementsAre("ping vm1 -> vm2", "ping vm1 -> vm2 (2)", "ping vm1 -> vm2 (3)"));
  EXPECT_THAT(names_of({check(CheckKind::Ping, "a", "x (2)"), check(CheckKind::Ping, "a", "x"), check(CheckKind::Ping, "a", "x")}),
              ElementsAre("x (2)", "x", "x (3)"));
}

TEST(ChecksCalled, ByNameByPatternOrByNumber) {
  const std::vector<std::string> names{"web one", "web two", "3", "dns"};
  EXPECT_THAT(checks_called("WEB one", names), ElementsAre(0));
  EXPECT_THAT(checks_called("web*", names), ElementsAre(0, 1));
  EXPECT_THAT(checks_called("4", names), ElementsAre(3));
  EXPECT_THAT(checks_called("3", names), ElementsAre(2));
  for (const auto* word : {"web", "0", "5", "", "x*"}) EXPECT_THAT(checks_called(word, names), IsEmpty()) << word;
}

}  // namespace
}  // namespace emu
