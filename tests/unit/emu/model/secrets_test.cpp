// SPDX-License-Identifier: Apache-2.0
#include "emu/model/secrets.hpp"

#include <gmock/gmock.h>

#include "emu/model/model_json.hpp"
#include "tests/unit/emu/sample_vpn.hpp"

namespace sample = emu::sample;
using testing::HasSubstr;
using testing::Not;

TEST(WithoutSecrets, NoKeyIsLeftAndEverythingElseIs) {
  auto model = sample::resolved_vpn_lab();
  ASSERT_THAT(to_json(model), HasSubstr("Str0ngKey"));
  const auto without = emu::without_secrets(model);
  EXPECT_THAT(to_json(without), Not(HasSubstr("Str0ngKey")));
  for (auto& site : model.on_premises) site.shared_key = {};
  for (auto& connection : model.virtual_network_gateway_connections) connection.shared_key = {};
  EXPECT_EQ(without, model);
}
