# typed: false
# frozen_string_literal: true

# Formula of ecr-grant: builds it from source.
class EcrGrant < Formula
  desc "Terminal wizard that grants pull access to private Amazon ECR repositories"
  homepage "@URL@"
  url "@URL@/@SOURCE@"
  version "@VERSION@"
  sha256 "@SOURCE_SHA256@"
  license any_of: ["MIT", "Apache-2.0"]

  depends_on "rust" => :build

  def install
    system "cargo", "install", "--profile", "dist", *std_cargo_args
    generate_completions_from_executable(bin/"ecr-grant", "completions")
    (buildpath/"ecr-grant.1").write Utils.safe_popen_read(bin/"ecr-grant", "man")
    man1.install "ecr-grant.1"
    %w[@COMMANDS@].each do |command|
      (buildpath/"ecr-grant-#{command}.1").write Utils.safe_popen_read(bin/"ecr-grant", "man", command)
      man1.install "ecr-grant-#{command}.1"
    end
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/ecr-grant --version")
    system bin/"ecr-grant", "show", "vendorapp", "--demo"
  end
end
