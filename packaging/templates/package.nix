# pkgs.callPackage ./package.nix { }
{ lib, stdenv, fetchurl, autoPatchelfHook, installShellFiles }:

stdenv.mkDerivation {
  pname = "ecr-grant";
  version = "@VERSION@";

  src = fetchurl {
    url = "@URL@/@TARBALL@";
    hash = "@TARBALL_SRI@";
  };

  nativeBuildInputs = [ autoPatchelfHook installShellFiles ];
  buildInputs = [ stdenv.cc.cc.lib ];

  installPhase = ''
    runHook preInstall
    install -Dm755 ecr-grant "$out/bin/ecr-grant"
    installManPage man/*.1
    installShellCompletion --cmd ecr-grant \
      --bash completions/ecr-grant.bash \
      --fish completions/ecr-grant.fish \
      --zsh completions/_ecr-grant
    install -Dm644 -t "$out/share/doc/ecr-grant" README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE THIRD-PARTY-NOTICES.txt
    runHook postInstall
  '';

  meta = {
    description = "Terminal wizard that grants pull access to private Amazon ECR repositories";
    license = with lib.licenses; [ mit asl20 ];
    mainProgram = "ecr-grant";
    platforms = [ "x86_64-linux" ];
    sourceProvenance = [ lib.sourceTypes.binaryNativeCode ];
  };
}
