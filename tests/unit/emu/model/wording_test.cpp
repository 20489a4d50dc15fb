// SPDX-License-Identifier: Apache-2.0
#include "emu/model/wording.hpp"
#include "emu/model/escape_xml.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

using emu::did_you_mean;
using emu::nearest;

namespace {

constexpr std::array<std::string_view, 4> kKeys{"name", "subnet", "address_prefixes", "private_ip_address"};

TEST(StartOf, EndsAtACharacter) {
  EXPECT_EQ(emu::start_of("aéb", 4), "aéb");
  EXPECT_EQ(emu::start_of("aéb", 3), "aé");
  EXPECT_EQ(emu::start_of("aéb", 2), "a");
  EXPECT_EQ(emu::start_of("é", 1), "");
}

TEST(EscapeXml, IsTextWhateverItWasMadeOf) {
  EXPECT_EQ(emu::escape_xml("a<b>&\"é€😀"), "a&lt;b&gt;&amp;&quot;é€😀");
  EXPECT_EQ(emu::escape_xml("a\xff"
                            "b\xc3"),
            "a?b?")
      << "no bytes of UTF-8";
  EXPECT_EQ(emu::escape_xml("\xc0\xaf\xed\xa0\x80"), "?????") << "too long, and a surrogate";
  EXPECT_EQ(emu::escape_xml("\xef\xbf\xbe\x01"), "????") << "no characters of XML's";
}

}  // namespace

TEST(Quoted, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(emu::in_quotes("hub"), "'hub'");
  EXPECT_EQ(emu::in_quotes("a\x1b[31m\nb\x7f"), R"('a\x1b[31m\x0ab\x7f')");
  EXPECT_EQ(emu::in_quotes("caf\xC3\xA9"), "'caf\xC3\xA9'");
}

TEST(Quoted, CutsALongTextBetweenCharacters) {
  EXPECT_EQ(emu::in_quotes(std::string(80, 'a')), "'" + std::string(80, 'a') + "'");
  EXPECT_EQ(emu::in_quotes(std::string(81, 'a')), "'" + std::string(80, 'a') + "...'");
  EXPECT_EQ(emu::in_quotes(std::string(79, 'a') + "\xE2\x82\xAC" + "b"), "'" + std::string(79, 'a') + "...'");
}

TEST(Nearest, FindsSlipsOfTheFingers) {
  EXPECT_EQ(nearest("adress_prefixes", kKeys), "address_prefixes") << "left out";
  EXPECT_EQ(nearest("nname", kKeys), "name") << "doubled";
  EXPECT_EQ(nearest("nmae", kKeys), "name") << "swapped";
  EXPECT_EQ(nearest("subnot", kKeys), "subnet") << "another letter";
  EXPECT_EQ(nearest("Subnets", kKeys), "subnet") << "case does not count";
  EXPECT_EQ(nearest("private_ip", kKeys), std::nullopt) << "more than a third is missing";
}

TEST(Nearest, GuessesNothingForAnotherWord) {
  EXPECT_EQ(nearest("flavour", kKeys), std::nullopt);
  EXPECT_EQ(nearest("", kKeys), std::nullopt);
  EXPECT_EQ(nearest("x", std::array<std::string_view, 1>{"y"}), std::nullopt) << "nothing of it is left";
  EXPECT_EQ(nearest(std::string(1000, 'a'), std::array<std::string_view, 1>{"a"}), std::nullopt);
  EXPECT_EQ(nearest("name", {}), std::nullopt);
}

TEST(Nearest, TakesTheNearestOfSeveral) {
  EXPECT_EQ(nearest("spoke22", std::array<std::string_view, 3>{"spoke11", "spoke2", "spoke"}), "spoke2");
  EXPECT_EQ(nearest("vm3", std::array<std::string_view, 2>{"vm1", "vm2"}), "vm1") << "the first of equals";
}

TEST(DidYouMean, IsEmptyWithoutAGuess) {
  EXPECT_EQ(did_you_mean("nmae", kKeys), " (did you mean 'name'?)");
  EXPECT_EQ(did_you_mean("flavour", kKeys), "");
}
